import Foundation

/// A file under way: what is appended goes to a neighbour, which takes the file's place when all of it is there. Gone
/// again where that does not happen.
final class PartFile {
  private let path: String
  private let temporary: String
  private let descriptor: Int32
  private var isCommitted = false

  /// - Throws: `FormatError.unwritable`.
  init(_ path: String) throws {
    self.path = path
    temporary = "\(path).\(getpid())-\(UInt32.random(in: 0 ... .max)).part"
    descriptor = PathBytes.open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw AtomicFile.failure(errno, path) }
  }

  deinit {
    guard descriptor >= 0 else { return }
    close(descriptor)
    if !isCommitted { unlink(PathBytes.bytes(of: temporary)) }
  }

  /// - Throws: `FormatError.diskFull` or `.unwritable`.
  func append(_ data: Data) throws { try AtomicFile.append(data, to: descriptor, path: path) }

  /// Whatever has the file's name is replaced.
  /// - Throws: `FormatError.diskFull` or `.unwritable`; what stood there is then untouched.
  func commit() throws {
    try AtomicFile.flush(descriptor, path: path)
    guard rename(PathBytes.bytes(of: temporary), PathBytes.bytes(of: path)) == 0 else {
      throw AtomicFile.failure(errno, path)
    }
    isCommitted = true
  }
}
