extension Tensor {
  /// A tensor of a type of one byte per element, from the bytes as they stand in memory.
  /// - Throws: `TensorError.countMismatch` unless the bytes fill the shape exactly.
  package init(shape: Shape, dataType: DataType, bytes: [UInt8]) throws {
    guard bytes.count == shape.count * dataType.byteCount else {
      throw TensorError.countMismatch(
        shape: shape, expected: shape.count * dataType.byteCount, found: bytes.count)
    }
    let storage = TensorStorage(byteCount: bytes.count) { $0.copyBytes(from: bytes) }
    try self.init(shape: shape, dataType: dataType, storage: storage)
  }

  /// The values as elements of another type, by the rules of ONNX's Cast: integers saturate where they come from floating
  /// point, small floats too.
  package init(shape: Shape, floats: [Float], as type: DataType) throws {
    guard floats.count == shape.count else {
      throw TensorError.countMismatch(shape: shape, expected: shape.count, found: floats.count)
    }
    func clamped<Code: FixedWidthInteger>(_ value: Float) -> Code {
      let rounded = Double(value).rounded(.towardZero)
      let range = type.integerRange ?? Int(Code.min)...Int(clamping: Code.max)
      if value.isNaN { return 0 }
      return rounded <= Double(range.lowerBound)
        ? Code(range.lowerBound)
        : rounded >= Double(range.upperBound) ? Code(range.upperBound) : Code(rounded)
    }
    switch type {
    case .float32: try self.init(shape: shape, floats)
    case .float16: try self.init(shape: shape, floats.map { Float16($0) })
    case .bfloat16: try self.init(shape: shape, floats.map { BFloat16($0) })
    case .float64: try self.init(shape: shape, floats.map { Double($0) })
    case .int8: try self.init(shape: shape, floats.map { clamped($0) as Int8 })
    case .uint8: try self.init(shape: shape, floats.map { clamped($0) as UInt8 })
    case .int16: try self.init(shape: shape, floats.map { clamped($0) as Int16 })
    case .uint16: try self.init(shape: shape, floats.map { clamped($0) as UInt16 })
    case .int32: try self.init(shape: shape, floats.map { clamped($0) as Int32 })
    case .uint32: try self.init(shape: shape, floats.map { clamped($0) as UInt32 })
    case .int64: try self.init(shape: shape, floats.map { clamped($0) as Int64 })
    case .uint64: try self.init(shape: shape, floats.map { clamped($0) as UInt64 })
    case .bool: try self.init(shape: shape, floats.map { $0 != 0 })
    case .string: try self.init(shape: shape, strings: floats.map { "\($0)" })
    case .int4, .int2:
      try self.init(
        shape: shape, dataType: type, bytes: floats.map { UInt8(bitPattern: clamped($0) as Int8) })
    case .uint4, .uint2:
      try self.init(shape: shape, dataType: type, bytes: floats.map { clamped($0) as UInt8 })
    case .float8e8m0:
      try self.init(shape: shape, dataType: type, bytes: floats.map { ScaleFormat.encoded($0) })
    case .float8e4m3fn, .float8e4m3fnuz, .float8e5m2, .float8e5m2fnuz, .float4e2m1:
      let format = type.minifloat ?? .float8e4m3fn
      try self.init(shape: shape, dataType: type, bytes: floats.map { format.encoded($0) })
    }
  }
}
