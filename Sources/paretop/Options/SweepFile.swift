import Compression
import Foundation
import Recipes
import Workbench

/// The lines of a sweep: written as they come, and read back to resume.
struct SweepFile {
  private let handle: FileHandle
  private let path: String?
  private let isCSV: Bool
  /// Summaries or reports of the whole lines found.
  private var found: [String] = []

  /// Opens `path`, cutting off a last line that was not finished; nil is standard output.
  /// - Throws: `VerbError`.
  init(path: String?, isCSV: Bool) throws {
    self.path = path
    self.isCSV = isCSV
    guard let path else {
      handle = .standardOutput
      if isCSV { try Output.print(SweepTable.header) }
      return
    }
    let old = FileManager.default.fileExists(atPath: path) ? try SweepFile.whole(path) : ""
    found = old.split(separator: "\n").map(String.init)
    if isCSV, let first = found.first, first != SweepTable.header {
      throw VerbError.unwritable(path, "it holds something else; name another file")
    }
    if !isCSV, found.contains(where: { (try? EvaluationReport(json: $0)) == nil }) {
      throw VerbError.unwritable(path, "it holds something else; name another file")
    }
    guard
      FileManager.default.fileExists(atPath: path)
        || FileManager.default.createFile(atPath: path, contents: nil),
      let opened = FileHandle(forUpdatingAtPath: path)
    else { throw VerbError.unwritable(path, "the folder is missing or may not be written") }
    handle = opened
    try handle.truncate(atOffset: UInt64(old.utf8.count))
    try handle.seekToEnd()
    if isCSV, found.isEmpty { try write(SweepTable.header) }
  }

  /// Recipes that need not be measured again.
  func done(among recipes: [Recipe], model: String) -> Set<Recipe> {
    if isCSV {
      let known = Set(found.dropFirst().map { SweepTable.key(ofLine: $0) })
      return Set(recipes.filter { known.contains(SweepTable.key(of: $0, model: model)) })
    }
    return Set(
      found.compactMap { try? EvaluationReport(json: $0) }.filter { $0.model == model }.map(\.recipe))
  }

  func append(_ report: EvaluationReport) throws {
    try write(isCSV ? SweepTable.line(report) : report.json(isIndented: false))
  }

  private func write(_ line: String) throws {
    do {
      try handle.write(contentsOf: Data((line + "\n").utf8))
    } catch {
      throw VerbError.unwritable(path ?? "standard output", "the disk is full or the reader is gone")
    }
  }

  private static func whole(_ path: String) throws -> String {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw VerbError.unreadable(path)
    }
    guard let end = text.lastIndex(of: "\n") else { return "" }
    return String(text[...end])
  }
}
