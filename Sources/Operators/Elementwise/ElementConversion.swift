import TensorCore

/// Elements of any type as float64 or 64-bit integers, and back.
enum ElementConversion {
  static func load(
    _ source: UnsafeRawPointer, _ type: DataType, into target: UnsafeMutableBufferPointer<Double>
  ) {
    switch type {
    case .float32: each(source, Float.self, target) { Double($0) }
    case .float64: each(source, Double.self, target) { $0 }
    case .float16: each(source, Float16.self, target) { Double($0) }
    case .bfloat16: each(source, BFloat16.self, target) { Double($0.float) }
    case .int8, .int4, .int2: each(source, Int8.self, target) { Double($0) }
    case .uint8, .uint4, .uint2: each(source, UInt8.self, target) { Double($0) }
    case .int16: each(source, Int16.self, target) { Double($0) }
    case .uint16: each(source, UInt16.self, target) { Double($0) }
    case .int32: each(source, Int32.self, target) { Double($0) }
    case .uint32: each(source, UInt32.self, target) { Double($0) }
    case .int64: each(source, Int64.self, target) { Double($0) }
    case .uint64: each(source, UInt64.self, target) { Double($0) }
    case .bool: each(source, UInt8.self, target) { $0 == 0 ? 0 : 1 }
    case .float8e8m0: each(source, UInt8.self, target) { Double(ScaleFormat.decoded($0)) }
    case .float8e4m3fn, .float8e4m3fnuz, .float8e5m2, .float8e5m2fnuz, .float4e2m1:
      guard let format = type.minifloat else { return }
      each(source, UInt8.self, target) { Double(format.decoded($0)) }
    case .string: preconditionFailure("texts are no numbers")
    }
  }

  /// - Parameters:
  ///   - saturates: whether 8-bit floats take their largest value where the source is beyond it.
  ///   - rounding: of e8m0.
  static func store(
    _ source: UnsafeMutableBufferPointer<Double>, _ type: DataType, to target: UnsafeMutableRawPointer,
    saturates: Bool = true, rounding: ScaleFormat.Rounding = .up
  ) {
    switch type {
    case .float32: each(source, target) { Float($0) }
    case .float64: each(source, target) { $0 }
    case .float16: each(source, target) { Float16($0) }
    case .bfloat16: each(source, target) { BFloat16(Float($0)) }
    case .int8: each(source, target) { Int8(saturating: $0) }
    case .uint8: each(source, target) { UInt8(saturating: $0) }
    case .int16: each(source, target) { Int16(saturating: $0) }
    case .uint16: each(source, target) { UInt16(saturating: $0) }
    case .int32: each(source, target) { Int32(saturating: $0) }
    case .uint32: each(source, target) { UInt32(saturating: $0) }
    case .int64: each(source, target) { Int64(saturating: $0) }
    case .uint64: each(source, target) { UInt64(saturating: $0) }
    case .bool: each(source, target) { $0 != 0 }
    case .int4, .int2:
      // Beyond eight bits they saturate, inside them they wrap.
      let shift = type == .int4 ? 4 : 6
      each(source, target) { (Int8(saturating: $0) << shift) >> shift }
    case .uint4, .uint2:
      let mask: UInt8 = type == .uint4 ? 15 : 3
      each(source, target) { UInt8(bitPattern: Int8(saturating: $0)) & mask }
    case .float8e8m0:
      each(source, target) { ScaleFormat.encoded(Float($0), rounding: rounding, saturates: saturates) }
    case .float8e4m3fn, .float8e4m3fnuz, .float8e5m2, .float8e5m2fnuz, .float4e2m1:
      guard let format = type.minifloat else { return }
      each(source, target) { format.encoded(Float($0), saturates: saturates) }
    case .string: preconditionFailure("texts are no numbers")
    }
  }

  static func load(
    _ source: UnsafeRawPointer, _ type: DataType, into target: UnsafeMutableBufferPointer<Int64>
  ) {
    switch type {
    case .int8, .int4, .int2: each(source, Int8.self, target) { Int64($0) }
    case .uint8, .uint4, .uint2: each(source, UInt8.self, target) { Int64($0) }
    case .int16: each(source, Int16.self, target) { Int64($0) }
    case .uint16: each(source, UInt16.self, target) { Int64($0) }
    case .int32: each(source, Int32.self, target) { Int64($0) }
    case .uint32: each(source, UInt32.self, target) { Int64($0) }
    case .int64: each(source, Int64.self, target) { $0 }
    case .uint64: each(source, UInt64.self, target) { Int64(bitPattern: $0) }
    case .bool: each(source, UInt8.self, target) { $0 == 0 ? 0 : 1 }
    case .float32, .float16, .bfloat16, .float64, .string, .float8e8m0, .float8e4m3fn, .float8e4m3fnuz,
      .float8e5m2, .float8e5m2fnuz, .float4e2m1:
      preconditionFailure("floating point loads as float64")
    }
  }

  static func store(
    _ source: UnsafeMutableBufferPointer<Int64>, _ type: DataType, to target: UnsafeMutableRawPointer
  ) {
    switch type {
    case .int8: each(source, target) { Int8(truncatingIfNeeded: $0) }
    case .uint8: each(source, target) { UInt8(truncatingIfNeeded: $0) }
    case .int16: each(source, target) { Int16(truncatingIfNeeded: $0) }
    case .uint16: each(source, target) { UInt16(truncatingIfNeeded: $0) }
    case .int32: each(source, target) { Int32(truncatingIfNeeded: $0) }
    case .uint32: each(source, target) { UInt32(truncatingIfNeeded: $0) }
    case .int64: each(source, target) { $0 }
    case .uint64: each(source, target) { UInt64(bitPattern: $0) }
    case .bool: each(source, target) { $0 != 0 }
    case .int4: each(source, target) { Int8(truncatingIfNeeded: $0 << 4) >> 4 }
    case .uint4: each(source, target) { UInt8(truncatingIfNeeded: $0) & 15 }
    case .int2: each(source, target) { Int8(truncatingIfNeeded: $0 << 6) >> 6 }
    case .uint2: each(source, target) { UInt8(truncatingIfNeeded: $0) & 3 }
    case .float32, .float16, .bfloat16, .float64, .string, .float8e8m0, .float8e4m3fn, .float8e4m3fnuz,
      .float8e5m2, .float8e5m2fnuz, .float4e2m1:
      preconditionFailure("floating point stores from float64")
    }
  }

  @inline(__always)
  private static func each<From, To>(
    _ source: UnsafeRawPointer, _ type: From.Type, _ target: UnsafeMutableBufferPointer<To>,
    _ map: (From) -> To
  ) {
    let from = source.assumingMemoryBound(to: From.self)
    for index in target.indices { target[index] = map(from[index]) }
  }

  @inline(__always)
  private static func each<From, To>(
    _ source: UnsafeMutableBufferPointer<From>, _ target: UnsafeMutableRawPointer, _ map: (From) -> To
  ) {
    let to = target.assumingMemoryBound(to: To.self)
    for index in source.indices { to[index] = map(source[index]) }
  }
}
