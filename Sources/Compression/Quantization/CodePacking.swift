import Kernels
import TensorCore

/// Integer codes as a stream of bits and back.
package enum CodePacking {
  /// Exactly `bits.packedByteCount(codes.count)` bytes.
  package static func packed(_ codes: [Int8], bits: WeightBits) -> [UInt8] {
    codes.withUnsafeBufferPointer { codes in
      switch bits {
      case .ternary: WeightCoding.packedTrits(codes)
      case .binary: WeightCoding.packedSigns(codes)
      case .int8, .int6, .int5, .int4, .int3, .int2:
        WeightCoding.packed(codes, width: Int(bits.storedBits), lowest: bits.codeRange.lowerBound)
      }
    }
  }

  /// The first `count` codes of a stream; nil where it is too short.
  package static func unpacked(_ bytes: ArraySlice<UInt8>, count: Int, bits: WeightBits) -> [Int8]? {
    guard bytes.count >= bits.packedByteCount(count) else { return nil }
    let start = bytes.startIndex
    if bits == .ternary {
      let powers = [1, 3, 9, 27, 81]
      return (0..<count).map { Int8(Int(bytes[start + $0 / 5]) / powers[$0 % 5] % 3 - 1) }
    }
    let width = Int(bits.storedBits)
    return (0..<count).map { index in
      var code = 0
      for bit in 0..<width {
        let position = index * width + bit
        code |= Int(bytes[start + position / 8] >> (position % 8) & 1) << bit
      }
      return Int8(bits == .binary ? 2 * code - 1 : code + bits.codeRange.lowerBound)
    }
  }
}

/// Fields of a fixed width, lowest bits first.
struct BitPacker {
  private let width: Int
  private var bytes: [UInt8] = []
  private var pending: UInt32 = 0
  private var pendingBits = 0

  init(width: Int) { self.width = width }

  /// Takes the lowest `width` bits of a value below 2^width.
  mutating func append(_ value: UInt32) {
    pending |= value << UInt32(pendingBits)
    pendingBits += width
    while pendingBits >= 8 {
      bytes.append(UInt8(truncatingIfNeeded: pending))
      pending >>= 8
      pendingBits -= 8
    }
  }

  /// All bytes, the last one filled up with zeros.
  var finished: [UInt8] { pendingBits > 0 ? bytes + [UInt8(truncatingIfNeeded: pending)] : bytes }
}
