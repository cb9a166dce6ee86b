import ArgumentParser
import Foundation
import Session
import TerminalUI
import Workbench

/// The sessions that were kept, and deleting one.
struct SessionsVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sessions", abstract: "List the sessions that are kept, or delete one.")

  @Option(help: ArgumentHelp("Delete the session with this number.", valueName: "number"))
  var delete: Int64?

  @Flag(help: "Delete without asking.")
  var force = false

  func run() throws {
    guard let path = StatePaths.database(environment: ProcessInfo.processInfo.environment) else {
      throw VerbError.noStateFolder
    }
    let list = try SessionList(path: path)
    let listing = try list?.listing()
    if let notice = listing?.notice { Output.note("note: \(notice)") }
    let sessions = listing?.sessions ?? []
    if let delete {
      guard let session = sessions.first(where: { $0.id == delete }) else {
        throw VerbError.noSession(delete, sessions.map(\.id))
      }
      guard try force || isWanted(session) else { return Output.note("Nothing was deleted.") }
      try list?.delete(session: delete)
      return Output.note("Session \(delete) is deleted.")
    }
    guard !sessions.isEmpty else { return Output.note("No session is kept in \(path).") }
    try Output.print(SessionsVerb.table(of: sessions))
  }

  /// - Throws: `VerbError.unanswered` where nobody is there to answer.
  private func isWanted(_ session: SessionSummary) throws -> Bool {
    Output.note(
      "Delete session \(session.id) of \(session.subject.modelName.onOneLine), \(session.variantCount) "
        + "configurations, changed \(Age.text(since: session.updated))? [y/N]")
    guard let answer = readLine() else { throw VerbError.unanswered }
    return ["y", "yes"].contains(answer.lowercased())
  }

  private static func table(of sessions: [SessionSummary]) -> String {
    let dates = DateFormatter()
    dates.locale = Locale(identifier: "en_US_POSIX")
    dates.dateFormat = "yyyy-MM-dd HH:mm"
    let rows = sessions.map { session in
      [
        "\(session.id)", session.subject.modelName.onOneLine, session.subject.dataName.onOneLine,
        "\(session.variantCount)", dates.string(from: session.created),
        dates.string(from: session.updated) + ", " + Age.text(since: session.updated),
      ]
    }
    let columns: [(title: String, alignment: Alignment)] = [
      ("number", .trailing), ("model", .leading), ("data", .leading), ("configurations", .trailing),
      ("begun", .leading), ("changed", .leading),
    ]
    let lines = [columns.map(\.title)] + rows
    let widths = columns.indices.map { column in lines.map { DisplayWidth.of($0[column]) }.max() ?? 0 }
    return lines.map { line in
      columns.indices.map { column in
        let isLast = column == columns.count - 1
        return isLast
          ? line[column] : line[column].fitted(to: widths[column], alignment: columns[column].alignment)
      }.joined(separator: "  ")
    }.joined(separator: "\n")
  }
}

extension String {
  /// Without the control characters that a name in a file of unknown origin may have.
  fileprivate var onOneLine: String {
    let scalars = unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : $0 }
    return String(String.UnicodeScalarView(scalars))
  }
}
