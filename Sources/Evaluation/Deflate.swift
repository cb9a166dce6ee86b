import CZlib

/// How far zlib's deflate (RFC 1951) shrinks bytes.
package enum Deflate {
  /// Bytes of the zlib stream at level 6.
  package static func byteCount(of bytes: [UInt8]) throws -> Int {
    try byteCount(of: bytes, cancellation: Cancellation())
  }

  /// Bytes of the zlib stream at level 6.
  /// - Throws: `CancellationError` between pieces; `EvaluationError.deflate` where zlib has no memory.
  static func byteCount(of bytes: [UInt8], cancellation: Cancellation) throws -> Int {
    var stream = z_stream()
    guard czlib_deflate_init(&stream, 6, 15) == Z_OK else { throw EvaluationError.deflate }
    defer { deflateEnd(&stream) }
    let piece = 1 << 16
    return try withUnsafeTemporaryAllocation(of: UInt8.self, capacity: piece) { output in
      try bytes.withUnsafeBufferPointer { input in
        var total = 0
        var start = 0
        repeat {
          try cancellation.check()
          let count = min(piece, input.count - start)
          stream.next_in = input.baseAddress.map { UnsafeMutablePointer(mutating: $0 + start) }
          stream.avail_in = UInt32(count)
          start += count
          let flush = start == input.count ? Z_FINISH : Z_NO_FLUSH
          repeat {
            stream.next_out = output.baseAddress
            stream.avail_out = UInt32(piece)
            guard deflate(&stream, flush) != Z_STREAM_ERROR else { throw EvaluationError.deflate }
            total += piece - Int(stream.avail_out)
          } while stream.avail_out == 0
        } while start < input.count
        return total
      }
    }
  }
}
