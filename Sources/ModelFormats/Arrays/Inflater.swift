import CZlib

/// Streaming decompression of deflate (RFC 1951) or gzip (RFC 1952, checksum verified) into buffers of known
/// size, so that a hostile stream can never make more than was asked for.
final class Inflater {
  enum Container { case raw, gzip }

  struct Failure: Error {
    let reason: String
  }

  /// Deflate cannot expand further than this, whatever the data.
  static let maximumRatio = 1032

  // zlib keeps the address of its state, so that it must not move.
  private let stream: UnsafeMutablePointer<z_stream>
  private var rest: UnsafeRawBufferPointer
  private(set) var isFinished = false

  /// - Parameter input: must stay valid while the inflater is used.
  init(_ input: UnsafeRawBufferPointer, container: Container) throws {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    rest = input
    guard czlib_inflate_init(stream, container == .raw ? -15 : 31) == Z_OK else {
      throw Failure(reason: "no memory to decompress")
    }
  }

  deinit {
    inflateEnd(stream)
    stream.deinitialize(count: 1)
    stream.deallocate()
  }

  /// Fills as much of `target` as the stream holds.
  /// - Returns: bytes written, less than `target.count` only where the stream has ended.
  func read(into target: UnsafeMutableRawBufferPointer) throws -> Int {
    var done = 0
    while done < target.count, !isFinished {
      done += try step(UnsafeMutableRawBufferPointer(rebasing: target[done...]))
    }
    return done
  }

  /// Checks that the stream ends here, which also verifies gzip's checksum.
  func finish() throws {
    try withUnsafeTemporaryAllocation(byteCount: 1, alignment: 1) { extra in
      if !isFinished, try read(into: extra) > 0 {
        throw Failure(reason: "it holds more than its header says")
      }
    }
  }

  private func step(_ target: UnsafeMutableRawBufferPointer) throws -> Int {
    let input = UnsafeRawBufferPointer(rebasing: rest.prefix(Inflater.chunk))
    let room = min(target.count, Inflater.chunk)
    stream.pointee.next_in = UnsafeMutablePointer(
      mutating: input.baseAddress?.assumingMemoryBound(to: UInt8.self))
    stream.pointee.avail_in = UInt32(input.count)
    stream.pointee.next_out = target.baseAddress?.assumingMemoryBound(to: UInt8.self)
    stream.pointee.avail_out = UInt32(room)
    let status = inflate(stream, Z_NO_FLUSH)
    let used = input.count - Int(stream.pointee.avail_in)
    let made = room - Int(stream.pointee.avail_out)
    rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(used))
    switch status {
    case Z_STREAM_END: isFinished = true
    case Z_OK: break
    case Z_BUF_ERROR: throw Failure(reason: "its compressed data ends early")
    default: throw Failure(reason: "its compressed data is not valid")
    }
    if used == 0, made == 0, !isFinished { throw Failure(reason: "its compressed data ends early") }
    return made
  }

  private static let chunk = 1 << 30
}
