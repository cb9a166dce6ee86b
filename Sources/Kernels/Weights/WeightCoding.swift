import CKernels
import TensorCore

/// Ranges of weights, their codes, and streams of narrow codes, at the machine's highest feature level; results are
/// the same at every level.
package enum WeightCoding {
  private static var kernels: UnsafePointer<ck_vector_table> { VectorTable.for(.detected).kernels }

  /// The smallest and largest of the values and zero; none may be NaN.
  package static func extremes(_ values: UnsafeBufferPointer<Float>) -> (low: Float, high: Float) {
    var low: Float = 0
    var high: Float = 0
    if let start = values.baseAddress { kernels.pointee.f32_extremes(values.count, start, &low, &high) }
    return (low, high)
  }

  /// codes = round half to even(value / scale, clamped to `range` less the zero point) + zero point.
  ///
  /// `codes` holds as many as `values`; `range` lies in −128...127.
  package static func encode(
    _ values: UnsafeBufferPointer<Float>, _ codes: UnsafeMutableBufferPointer<Int8>, scale: Float,
    zeroPoint: Int32, range: ClosedRange<Int>
  ) {
    guard let from = values.baseAddress, let to = codes.baseAddress else { return }
    kernels.pointee.f32_encode_s8(
      values.count, from, scale, zeroPoint, Float(range.lowerBound - Int(zeroPoint)),
      Float(range.upperBound - Int(zeroPoint)), to)
  }

  /// Codes less `lowest` as a stream of `width` bits each (1...8), lowest bits first; the last byte filled with zeros.
  package static func packed(_ codes: UnsafeBufferPointer<Int8>, width: Int, lowest: Int) -> [UInt8] {
    bytes((codes.count * width + 7) / 8) { out in
      if let start = codes.baseAddress {
        kernels.pointee.s8_pack_bits(codes.count, start, Int32(width), Int32(lowest), out)
      }
    }
  }

  /// Codes −1 and +1 as a bit each, set for +1, lowest bits first; the last byte filled with zeros.
  package static func packedSigns(_ codes: UnsafeBufferPointer<Int8>) -> [UInt8] {
    bytes((codes.count + 7) / 8) { out in
      if let start = codes.baseAddress { kernels.pointee.s8_pack_signs(codes.count, start, out) }
    }
  }

  /// Codes −1...1 five to a byte, the first of each five counting 1, the next 3, and so on.
  package static func packedTrits(_ codes: UnsafeBufferPointer<Int8>) -> [UInt8] {
    bytes((codes.count + 4) / 5) { out in
      if let start = codes.baseAddress { kernels.pointee.s8_pack_trits(codes.count, start, out) }
    }
  }

  private static func bytes(_ count: Int, _ fill: (UnsafeMutablePointer<UInt8>) -> Void) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      LargePages.ask(for: UnsafeMutableRawBufferPointer(buffer))
      if let start = buffer.baseAddress, count > 0 { fill(start) }
      initialized = count
    }
  }
}
