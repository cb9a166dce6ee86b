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
    case .int8: each(source, Int8.self, target) { Double($0) }
    case .uint8: each(source, UInt8.self, target) { Double($0) }
    case .int16: each(source, Int16.self, target) { Double($0) }
    case .uint16: each(source, UInt16.self, target) { Double($0) }
    case .int32: each(source, Int32.self, target) { Double($0) }
    case .uint32: each(source, UInt32.self, target) { Double($0) }
    case .int64: each(source, Int64.self, target) { Double($0) }
    case .uint64: each(source, UInt64.self, target) { Double($0) }
    case .bool: each(source, UInt8.self, target) { $0 == 0 ? 0 : 1 }
    }
  }

  static func store(
    _ source: UnsafeMutableBufferPointer<Double>, _ type: DataType, to target: UnsafeMutableRawPointer
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
    }
  }

  static func load(
    _ source: UnsafeRawPointer, _ type: DataType, into target: UnsafeMutableBufferPointer<Int64>
  ) {
    switch type {
    case .int8: each(source, Int8.self, target) { Int64($0) }
    case .uint8: each(source, UInt8.self, target) { Int64($0) }
    case .int16: each(source, Int16.self, target) { Int64($0) }
    case .uint16: each(source, UInt16.self, target) { Int64($0) }
    case .int32: each(source, Int32.self, target) { Int64($0) }
    case .uint32: each(source, UInt32.self, target) { Int64($0) }
    case .int64: each(source, Int64.self, target) { $0 }
    case .uint64: each(source, UInt64.self, target) { Int64(bitPattern: $0) }
    case .bool: each(source, UInt8.self, target) { $0 == 0 ? 0 : 1 }
    case .float32, .float16, .bfloat16, .float64: preconditionFailure("floating point loads as float64")
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
    case .float32, .float16, .bfloat16, .float64: preconditionFailure("floating point stores from float64")
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

extension DataType {
  /// The type of `TensorProto.DataType` code `code`; nil for strings, complex numbers and 8-bit floats.
  init?(onnxCode code: Int) {
    let types: [Int: DataType] = [
      1: .float32, 2: .uint8, 3: .int8, 4: .uint16, 5: .int16, 6: .int32, 7: .int64, 9: .bool, 10: .float16,
      11: .float64, 12: .uint32, 13: .uint64, 16: .bfloat16,
    ]
    guard let type = types[code] else { return nil }
    self = type
  }
}
