import Foundation

/// Writing a file so that readers see the old content or the new, never a half: a temporary neighbour, then a
/// rename.
package enum AtomicFile {
  /// - Throws: `FormatError.diskFull` or `.unwritable`; whatever stood at `path` is then untouched.
  package static func write(_ data: Data, to path: String) throws {
    guard try isReplaceable(path) else { return try writeDirectly(data, to: path) }
    let file = try PartFile(path)
    try file.append(data)
    try file.commit()
  }

  /// Whether nothing or a regular file has that name. A device or pipe cannot be replaced, only written to.
  /// - Throws: `FormatError.unwritable` for a folder.
  static func isReplaceable(_ path: String) throws -> Bool {
    guard let status = PathBytes.status(path) else { return true }
    if status.st_mode & S_IFMT == S_IFDIR { throw failure(EISDIR, path) }
    return status.st_mode & S_IFMT == S_IFREG
  }

  private static func writeDirectly(_ data: Data, to path: String) throws {
    let descriptor = PathBytes.open(path, O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(errno, path) }
    defer { close(descriptor) }
    try append(data, to: descriptor, path: path)
    try flush(descriptor, path: path)
  }

  static func append(_ data: Data, to descriptor: Int32, path: String) throws {
    try data.withUnsafeBytes { bytes in
      var done = 0
      while done < bytes.count, let base = bytes.baseAddress {
        let wrote = Foundation.write(descriptor, base + done, bytes.count - done)
        if wrote >= 0 {
          done += wrote
        } else if errno != EINTR {
          throw failure(errno, path)
        }
      }
    }
  }

  static func flush(_ descriptor: Int32, path: String) throws {
    // Some file systems report a full disk only here; devices refuse it, which is no fault.
    if fsync(descriptor) != 0, errno == ENOSPC || errno == EDQUOT || errno == EIO {
      throw failure(errno, path)
    }
  }

  static func failure(_ code: Int32, _ path: String) -> FormatError {
    code == ENOSPC || code == EDQUOT
      ? .diskFull(file: path) : .unwritable(file: path, reason: SystemError.sentence(code))
  }
}
