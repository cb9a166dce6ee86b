import Foundation
import ModelFormats
import TerminalUI

/// Where a verb's result goes: standard output, or a file. Text from models and files is shown without control characters,
/// which a terminal would obey.
enum Output {
  /// - Throws: `VerbError.unwritable`, also where the reader has gone.
  static func print(_ text: String) throws {
    do {
      try FileHandle.standardOutput.write(contentsOf: Data((text.showingControls + "\n").utf8))
    } catch {
      throw VerbError.unwritable("standard output", "its reader is gone or the disk is full")
    }
  }

  /// Something for the person rather than for a pipe.
  static func note(_ text: String) {
    FileHandle.standardError.write(Data((text.showingControls + "\n").utf8))
  }

  /// Names as the first column of a table with `rest` columns behind it: on a terminal no wider than fits there, in a pipe
  /// whole.
  static func column(_ names: [String], beside rest: Int) -> [String] {
    let lines = names.map(\.inOneLine)
    var size = winsize()
    guard isatty(STDOUT_FILENO) == 1, ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0
    else {
      return lines
    }
    return lines.distinct(in: max(16, Int(size.ws_col) - rest))
  }
}

extension [String] {
  /// Columns that the texts and their title take.
  func width(_ title: String) -> Int { (self + [title]).map { DisplayWidth.of($0) }.max() ?? 0 }
}
