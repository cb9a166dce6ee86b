import Foundation

/// A file's bytes in memory without a copy, as long as somebody holds it.
///
/// Unchecked because the pointer is not `Sendable`; the bytes are never written.
final class FileMapping: @unchecked Sendable {
  let bytes: UnsafeRawBufferPointer
  private let reserved: Int

  /// Nil where the system cannot map it. A page of zeros follows, since vector code reads a little past the end.
  init?(descriptor: Int32, size: Int) {
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    guard size > 0, page > 0 else { return nil }
    let reserved = (size + page - 1) / page * page + page
    guard let base = mmap(nil, reserved, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), base != MAP_FAILED
    else { return nil }
    guard let file = mmap(base, size, PROT_READ, MAP_PRIVATE | MAP_FIXED, descriptor, 0), file != MAP_FAILED
    else {
      munmap(base, reserved)
      return nil
    }
    bytes = UnsafeRawBufferPointer(start: file, count: size)
    self.reserved = reserved
  }

  deinit { munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), reserved) }
}
