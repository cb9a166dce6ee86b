import Foundation
import ModelFormats

/// Where a verb's result goes: standard output, or a file.
enum Output {
  /// - Throws: `VerbError.unwritable`, also where the reader has gone.
  static func print(_ text: String) throws {
    do {
      try FileHandle.standardOutput.write(contentsOf: Data((text + "\n").utf8))
    } catch {
      throw VerbError.unwritable("standard output", "its reader is gone or the disk is full")
    }
  }

  /// Something for the person rather than for a pipe.
  static func note(_ text: String) {
    FileHandle.standardError.write(Data((text + "\n").utf8))
  }
}
