extension Tensor {
  /// All elements as float32; integers, halves and 8-bit floats are converted, booleans become 0 and 1, texts NaN.
  package var floats: [Float] {
    switch dataType {
    case .float32: elements(Float.self) { $0 }
    case .float16: elements(Float16.self) { Float($0) }
    case .bfloat16: elements(BFloat16.self) { $0.float }
    case .float64: elements(Double.self) { Float($0) }
    case .int8: elements(Int8.self) { Float($0) }
    case .uint8: elements(UInt8.self) { Float($0) }
    case .int16: elements(Int16.self) { Float($0) }
    case .uint16: elements(UInt16.self) { Float($0) }
    case .int32: elements(Int32.self) { Float($0) }
    case .uint32: elements(UInt32.self) { Float($0) }
    case .int64: elements(Int64.self) { Float($0) }
    case .uint64: elements(UInt64.self) { Float($0) }
    case .bool: elements(UInt8.self) { $0 == 0 ? 0 : 1 }
    case .string: [Float](repeating: .nan, count: count)
    case .int4, .int2: elements(Int8.self) { Float($0) }
    case .uint4, .uint2: elements(UInt8.self) { Float($0) }
    case .float8e8m0: elements(UInt8.self) { ScaleFormat.decoded($0) }
    case .float8e4m3fn: minifloats(.float8e4m3fn)
    case .float8e4m3fnuz: minifloats(.float8e4m3fnuz)
    case .float8e5m2: minifloats(.float8e5m2)
    case .float8e5m2fnuz: minifloats(.float8e5m2fnuz)
    case .float4e2m1: minifloats(.float4e2m1)
    }
  }

  private func minifloats(_ format: MinifloatFormat) -> [Float] {
    elements(UInt8.self) { format.decoded($0) }
  }

  /// All elements as Int; floating-point values are truncated towards zero, values outside Int's range (and NaN) clamped (0);
  /// texts are 0.
  package var integers: [Int] {
    switch dataType {
    case .float32, .float16, .bfloat16, .float8e4m3fn, .float8e4m3fnuz, .float8e5m2, .float8e5m2fnuz,
      .float8e8m0, .float4e2m1:
      floats.map { Tensor.clampedInt(Double($0)) }
    case .string: [Int](repeating: 0, count: count)
    case .float64: elements(Double.self) { Tensor.clampedInt($0) }
    case .int8, .int4, .int2: elements(Int8.self) { Int($0) }
    case .uint8, .bool, .uint4, .uint2: elements(UInt8.self) { Int($0) }
    case .int16: elements(Int16.self) { Int($0) }
    case .uint16: elements(UInt16.self) { Int($0) }
    case .int32: elements(Int32.self) { Int($0) }
    case .uint32: elements(UInt32.self) { Int($0) }
    case .int64: elements(Int64.self) { Int($0) }
    case .uint64: elements(UInt64.self) { Int(clamping: $0) }
    }
  }

  private func elements<Element, Result>(_ type: Element.Type, _ convert: (Element) -> Result) -> [Result] {
    withExtendedLifetime(storage) { bytes.bindMemory(to: Element.self).map(convert) }
  }

  private static func clampedInt(_ value: Double) -> Int {
    if value.isNaN { return 0 }
    if value >= 0x1p63 { return Int.max }
    if value <= -0x1p63 { return Int.min }
    return Int(value)
  }
}
