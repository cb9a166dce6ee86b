import Foundation
import TensorCore

/// The idx format of the MNIST files (http://yann.lecun.com/exdb/mnist/): big-endian, plain or gzipped.
package enum IDX {
  /// - Throws: `FormatError.truncated`, `.invalidArray` or `.invalidArchive` (damaged gzip).
  package static func read(bytes: Data, file: String) throws -> Tensor {
    try bytes.withUnsafeBytes { raw in
      guard raw.starts(with: gzipMagic) else {
        var position = 0
        let tensor = try read(file: file, available: raw.count) { target in
          guard target.count <= raw.count - position else {
            throw FormatError.truncated(file: file, part: "the array")
          }
          target.copyMemory(from: UnsafeRawBufferPointer(rebasing: raw[position..<position + target.count]))
          position += target.count
        }
        guard position == raw.count else {
          throw FormatError.invalidArray(
            file: file, array: "idx", expected: "\(position) bytes for its shape \(tensor.shape)",
            found: "\(raw.count)")
        }
        return tensor
      }
      do {
        let inflater = try Inflater(raw, container: .gzip)
        // The last four bytes tell the size (modulo 2^32), which keeps a hostile shape from taking memory.
        let told = ByteReader(raw).number(UInt32.self, at: raw.count - 4).map { Int($0) } ?? 0
        let most =
          raw.count < 1 << 22
          ? min(told, raw.count * Inflater.maximumRatio) : raw.count * Inflater.maximumRatio
        let tensor = try read(file: file, available: most) { target in
          guard try inflater.read(into: target) == target.count else {
            throw FormatError.truncated(file: file, part: "the array")
          }
        }
        try inflater.finish()
        return tensor
      } catch let failure as Inflater.Failure {
        throw FormatError.invalidArchive(file: file, entry: "gzip", reason: failure.reason)
      }
    }
  }

  static let gzipMagic: [UInt8] = [0x1F, 0x8B]

  /// - Parameter available: the most bytes the source can give, so that a hostile shape takes no memory.
  private static func read(
    file: String, available: Int, next: (UnsafeMutableRawBufferPointer) throws -> Void
  ) throws -> Tensor {
    func bytes(_ count: Int) throws -> [UInt8] {
      var result = [UInt8](repeating: 0, count: count)
      try result.withUnsafeMutableBytes { try next($0) }
      return result
    }
    let start = try bytes(4)
    guard start[0] == 0, start[1] == 0, let type = types[start[2]] else {
      throw FormatError.invalidArray(
        file: file, array: "idx", expected: "the idx format", found: "other content")
    }
    let rank = Int(start[3])
    let dimensions = try (0..<rank).map { _ in try bytes(4).reduce(0) { $0 << 8 | Int($1) } }
    guard let shape = try? Shape(dimensions), shape.count * type.byteCount <= available else {
      throw FormatError.invalidArray(
        file: file, array: "idx", expected: "a shape that its \(available) bytes can fill",
        found: "\(dimensions.prefix(8))")
    }
    let storage = try TensorStorage(byteCount: shape.count * type.byteCount) { target in
      try next(target)
      ByteOrder.swap(target, width: type.byteCount)
    }
    return try Tensor(shape: shape, dataType: type, storage: storage)
  }

  private static let types: [UInt8: DataType] = [
    0x08: .uint8, 0x09: .int8, 0x0B: .int16, 0x0C: .int32, 0x0D: .float32, 0x0E: .float64,
  ]
}
