import Foundation

/// Keeps a verb from writing over what it reads, by whatever path the file is named.
struct InputGuard {
  private let input: String

  init(_ input: String) { self.input = input }

  /// - Throws: `VerbError.overInput` where `output` is the same file.
  func check(_ output: String) throws {
    var (read, written) = (stat(), stat())
    guard stat(input, &read) == 0, stat(output, &written) == 0 else { return }
    guard read.st_dev != written.st_dev || read.st_ino != written.st_ino else {
      throw VerbError.overInput(output)
    }
  }
}
