import Foundation

/// An open file whose reads are checked: no directories, pipes or devices, which have no end or block.
///
/// Unchecked because the descriptor is only closed in `deinit`; `pread` shares no position.
final class RegularFile: @unchecked Sendable {
  let path: String
  let size: Int
  private let descriptor: Int32

  /// - Throws: `FormatError.fileNotFound`, `.unreadable` or `.notAFile`.
  init(_ path: String) throws {
    // Without O_NONBLOCK, opening a pipe would wait for a writer.
    descriptor = PathBytes.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    self.path = path
    guard descriptor >= 0 else {
      let code = errno
      size = 0
      throw code == ENOENT || code == ENOTDIR
        ? FormatError.fileNotFound(file: path)
        : FormatError.unreadable(file: path, reason: SystemError.sentence(code))
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      size = 0
      throw FormatError.notAFile(file: path)
    }
    size = Int(status.st_size)
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
  }

  /// Fills `buffer` from `offset`.
  /// - Throws: `FormatError.truncated` where the file ends before.
  func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int, part: String) throws {
    var done = 0
    while done < buffer.count {
      guard let base = buffer.baseAddress else { return }
      let got = pread(descriptor, base + done, buffer.count - done, off_t(offset + done))
      if got > 0 {
        done += got
      } else if got == 0 {
        throw FormatError.truncated(file: path, part: part)
      } else if errno != EINTR {
        throw FormatError.unreadable(file: path, reason: SystemError.sentence(errno))
      }
    }
  }

  /// The whole file: mapped where it is large, else read.
  func contents() throws -> Data {
    if size >= RegularFile.mappingThreshold,
      let memory = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), memory != MAP_FAILED
    {
      return Data(bytesNoCopy: memory, count: size, deallocator: .custom { munmap($0, $1) })
    }
    var data = Data(count: size)
    try data.withUnsafeMutableBytes { try read(into: $0, at: 0, part: "its content") }
    return data
  }

  /// The file in memory without a copy; nil where it is small, or the system cannot.
  func mapping() -> FileMapping? {
    size >= RegularFile.mappingThreshold ? FileMapping(descriptor: descriptor, size: size) : nil
  }

  /// Below this, copying is as fast as mapping and safe from a file that shrinks while it is read.
  private static let mappingThreshold = 32 << 20
}

enum SystemError {
  static func sentence(_ code: Int32) -> String {
    switch code {
    case EACCES, EPERM: "permission denied; check who owns it"
    case EROFS: "the file system is read-only; choose another folder"
    case ENOENT, ENOTDIR: "its folder does not exist; create it first"
    case EISDIR: "a folder has that name; choose another name"
    case ELOOP: "its links go round in a circle"
    case EFBIG: "it is larger than the file system or the user's limit allows"
    case ENAMETOOLONG: "the name is too long"
    default: String(cString: strerror(code))
    }
  }
}
