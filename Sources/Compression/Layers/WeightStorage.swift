import GraphIR
import TensorCore

/// What one constant takes when it is stored.
package struct StoredWeight: Sendable, Hashable {
  /// Codes or values, mask, scales and zero points.
  package let bytes: Int
  package let elements: Int
  package let nonzeros: Int
  package let form: WeightStorage.Form
}

/// The packed form of constants: the one place that knows how many bytes a weight takes, and which.
///
/// Elements are stored dense, or as a bit mask (one bit per element, lowest first) followed by the nonzero elements,
/// whichever is smaller. Codes are offset to start at zero and packed lowest bits first; five ternary codes share a
/// byte as digits of base 3, and a binary code is 1 for +1. Scales follow as float32 (powers of two as
/// their exponent's byte, E8M0), zero points as one byte each.
package enum WeightStorage {
  package enum Form: String, Sendable, Hashable { case dense, bitmask }

  package static func measure(_ weight: Weight) -> StoredWeight {
    let elements = weight.shape.count
    let nonzeros = weight.nonzeroCount
    let dense = packedByteCount(weight, elements)
    let masked = (elements + 7) / 8 + packedByteCount(weight, nonzeros)
    return StoredWeight(
      bytes: min(dense, masked) + scaleByteCount(weight), elements: elements, nonzeros: nonzeros,
      form: masked < dense ? .bitmask : .dense)
  }

  /// What the weight takes in dense form, which asks for no look at its elements.
  package static func denseByteCount(_ weight: Weight) -> Int {
    packedByteCount(weight, weight.shape.count) + scaleByteCount(weight)
  }

  /// Appends exactly `measure(weight).bytes` bytes.
  package static func append(_ weight: Weight, to bytes: inout [UInt8]) {
    let masked = measure(weight).form == .bitmask
    switch weight {
    case .quantized(let tensor):
      var codes = tensor.codes
      if masked {
        var mask = BitPacker(width: 1)
        codes.removeAll(keepingCapacity: true)
        tensor.forEachCode { _, scale, code in
          let kept = Int32(code) != (tensor.zeroPoints.isEmpty ? 0 : tensor.zeroPoints[scale])
          mask.append(kept ? 1 : 0)
          if kept { codes.append(code) }
        }
        bytes += mask.finished
      }
      bytes += CodePacking.packed(codes, bits: tensor.bits)
      for scale in tensor.scales {
        switch tensor.scaleStorage {
        case .float32: appendLittleEndian(scale.bitPattern, to: &bytes)
        case .powerOfTwo: bytes.append(UInt8(truncatingIfNeeded: scale.bitPattern >> 23))
        }
      }
      bytes += tensor.zeroPoints.map { UInt8(truncatingIfNeeded: $0) }
    case .dense(let tensor):
      guard masked else {
        bytes += tensor.bytes
        return
      }
      let width = tensor.dataType.byteCount
      var mask = BitPacker(width: 1)
      var values: [UInt8] = []
      for start in stride(from: 0, to: tensor.byteCount, by: width) {
        let element = tensor.bytes[start..<start + width]
        let kept = isNonzero(element, floating: tensor.dataType.isFloatingPoint)
        mask.append(kept ? 1 : 0)
        if kept { values += element }
      }
      bytes += mask.finished + values
    }
  }

  private static func scaleByteCount(_ weight: Weight) -> Int {
    guard case .quantized(let tensor) = weight else { return 0 }
    return tensor.scaleStorage.byteCount * tensor.scales.count + tensor.zeroPoints.count
  }

  private static func packedByteCount(_ weight: Weight, _ count: Int) -> Int {
    switch weight {
    case .dense(let tensor): count * tensor.dataType.byteCount
    case .quantized(let tensor): tensor.bits.packedByteCount(count)
    }
  }

  /// Negative zero is a zero.
  private static func isNonzero(_ element: Slice<UnsafeRawBufferPointer>, floating: Bool) -> Bool {
    guard let last = element.last else { return false }
    return element.dropLast().contains { $0 != 0 } || (floating ? last & 0x7f : last) != 0
  }

  private static func appendLittleEndian(_ value: UInt32, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: value.littleEndian) { bytes += $0 }
  }
}
