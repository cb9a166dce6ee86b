import Foundation

/// Writing a file so that readers see the old content or the new, never a half: a temporary neighbour, then a
/// rename.
package enum AtomicFile {
  /// - Throws: `FormatError.diskFull` or `.unwritable`; whatever stood at `path` is then untouched.
  package static func write(_ data: Data, to path: String) throws {
    var status = stat()
    if stat(path, &status) == 0 {
      switch status.st_mode & S_IFMT {
      case S_IFREG: break
      case S_IFDIR: throw failure(EISDIR, path)
      // A device or pipe cannot be replaced, only written to.
      default: return try writeDirectly(data, to: path, flags: O_WRONLY)
      }
    }
    let temporary = "\(path).\(getpid())-\(UInt32.random(in: 0 ... .max)).part"
    do {
      try writeDirectly(data, to: temporary, flags: O_WRONLY | O_CREAT | O_EXCL)
      guard rename(temporary, path) == 0 else { throw failure(errno, path) }
    } catch let error as FormatError {
      unlink(temporary)
      throw error.naming(path, insteadOf: temporary)
    }
  }

  private static func writeDirectly(_ data: Data, to path: String, flags: Int32) throws {
    let descriptor = open(path, flags | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw failure(errno, path) }
    defer { close(descriptor) }
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
    // Some file systems report a full disk only here; devices refuse it, which is no fault.
    if fsync(descriptor) != 0, errno == ENOSPC || errno == EDQUOT || errno == EIO {
      throw failure(errno, path)
    }
  }

  private static func failure(_ code: Int32, _ path: String) -> FormatError {
    code == ENOSPC || code == EDQUOT
      ? .diskFull(file: path) : .unwritable(file: path, reason: SystemError.sentence(code))
  }
}

extension FormatError {
  fileprivate func naming(_ path: String, insteadOf other: String) -> FormatError {
    switch self {
    case .diskFull(other): .diskFull(file: path)
    case .unwritable(other, let reason): .unwritable(file: path, reason: reason)
    default: self
    }
  }
}
