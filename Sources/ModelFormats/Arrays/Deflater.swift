import CZlib
import Foundation

enum Deflater {
  /// Raw deflate (RFC 1951) of all bytes at zlib's usual effort.
  static func deflated(_ input: UnsafeRawBufferPointer) -> Data {
    // zlib keeps the address of its state, so that it must not move.
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    stream.initialize(to: z_stream())
    defer {
      deflateEnd(stream)
      stream.deallocate()
    }
    guard czlib_deflate_init(stream, Z_DEFAULT_COMPRESSION, -15) == Z_OK else {
      preconditionFailure("zlib has no memory for 256 KiB of state")
    }
    var result = Data()
    var rest = input
    var status = Z_OK
    let chunk = [UInt8](unsafeUninitializedCapacity: 1 << 16) { $1 = 1 << 16 }
    var output = chunk
    while status != Z_STREAM_END {
      let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(1 << 30))
      let isLast = piece.count == rest.count
      output.withUnsafeMutableBytes { target in
        stream.pointee.next_in = UnsafeMutablePointer(
          mutating: piece.baseAddress?.assumingMemoryBound(to: UInt8.self))
        stream.pointee.avail_in = UInt32(piece.count)
        stream.pointee.next_out = target.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_out = UInt32(target.count)
        status = deflate(stream, isLast ? Z_FINISH : Z_NO_FLUSH)
        result.append(contentsOf: target.prefix(target.count - Int(stream.pointee.avail_out)))
      }
      rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(piece.count - Int(stream.pointee.avail_in)))
    }
    return result
  }
}
