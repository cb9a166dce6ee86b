import Foundation

/// A process that does the same work with other libraries, one call at a time when asked.
///
/// It reads a case's name from a line and answers with the seconds of processor time that took.
final class KernelPeer {
  let name: String
  private let process = Process()
  private let questions = Pipe()
  private let answers = Pipe()
  private var unread = Data()

  /// Starts `command`.
  /// - Parameter name: who does the work there.
  init(command: [String], name: String) throws {
    self.name = name
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = command
    process.standardInput = questions
    process.standardOutput = answers
    try process.run()
  }

  deinit { try? questions.fileHandleForWriting.close() }

  /// Seconds that the case `name` takes there.
  func seconds(_ name: String) throws -> Double {
    try questions.fileHandleForWriting.write(contentsOf: Data((name + "\n").utf8))
    while true {
      if let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
        let line = String(decoding: unread[unread.startIndex..<end], as: UTF8.self)
        unread = Data(unread[unread.index(after: end)...])
        guard let seconds = Double(line) else { throw KernelPeerError.refused(name, answer: line) }
        return seconds
      }
      let more = answers.fileHandleForReading.availableData
      guard !more.isEmpty else { throw KernelPeerError.ended(name) }
      unread.append(more)
    }
  }
}

enum KernelPeerError: Error, CustomStringConvertible {
  case refused(String, answer: String)
  case ended(String)

  var description: String {
    switch self {
    case .refused(let name, let answer): "The peer cannot run \"\(name)\": \(answer)."
    case .ended(let name): "The peer ended while running \"\(name)\"; run its command alone to see why."
    }
  }
}
