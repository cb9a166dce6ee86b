import CZlib
import Compression
import Foundation
import GraphIR

/// How far zlib's deflate (RFC 1951) shrinks bytes: the length of the zlib stream at level 6.
package enum Deflate {
  /// - Throws: `EvaluationError.deflate` where zlib has no memory.
  package static func byteCount(of bytes: [UInt8]) throws -> Int {
    let counter = try DeflateCounter(cancellation: Cancellation())
    try bytes.withUnsafeBytes { try counter.append($0) }
    return try counter.finish()
  }

  /// That of files one after the other, which are read piece by piece.
  /// - Throws: where a file cannot be read, or as `byteCount(of:)`.
  package static func byteCount(of files: [FileHandle]) throws -> Int {
    let counter = try DeflateCounter(cancellation: Cancellation())
    for file in files {
      while let piece = try file.read(upToCount: 1 << 22), !piece.isEmpty {
        try piece.withUnsafeBytes { try counter.append($0) }
      }
    }
    return try counter.finish()
  }

  /// That of a graph's constants as they are stored.
  /// - Throws: `CancellationError` between pieces; `EvaluationError.deflate` where zlib has no memory.
  static func byteCount(of graph: Graph, cancellation: Cancellation) throws -> Int {
    let counter = try DeflateCounter(cancellation: cancellation)
    try graph.forEachStoredConstant { try $0.withUnsafeBytes { try counter.append($0) } }
    return try counter.finish()
  }
}

/// A zlib stream of which only the length is kept. A class because zlib's state knows its own address.
private final class DeflateCounter {
  private let stream: UnsafeMutablePointer<z_stream>
  private let output: UnsafeMutableBufferPointer<UInt8>
  private let cancellation: Cancellation
  private var total = 0

  private static let piece = 1 << 16

  init(cancellation: Cancellation) throws {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    output = .allocate(capacity: DeflateCounter.piece)
    self.cancellation = cancellation
    guard czlib_deflate_init(stream, 6, 15) == Z_OK else { throw EvaluationError.deflate }
  }

  deinit {
    deflateEnd(stream)
    stream.deallocate()
    output.deallocate()
  }

  func append(_ bytes: UnsafeRawBufferPointer) throws {
    var start = 0
    while start < bytes.count {
      try cancellation.check()
      let end = min(start + DeflateCounter.piece, bytes.count)
      let input = UnsafeMutableRawBufferPointer(mutating: .init(rebasing: bytes[start..<end]))
      stream.pointee.next_in = input.bindMemory(to: UInt8.self).baseAddress
      stream.pointee.avail_in = UInt32(end - start)
      try drain(Z_NO_FLUSH)
      start = end
    }
  }

  func finish() throws -> Int {
    stream.pointee.avail_in = 0
    try drain(Z_FINISH)
    return total
  }

  private func drain(_ flush: Int32) throws {
    repeat {
      stream.pointee.next_out = output.baseAddress
      stream.pointee.avail_out = UInt32(output.count)
      guard deflate(stream, flush) != Z_STREAM_ERROR else { throw EvaluationError.deflate }
      total += output.count - Int(stream.pointee.avail_out)
    } while stream.pointee.avail_out == 0
  }
}
