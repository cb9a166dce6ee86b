import TensorCore

/// Reads a tensor from the typed fields of a `TensorProto`; which field holds which type is in onnx.proto.
struct TypedElements {
  let file: String
  let label: String
  let shape: Shape
  let type: DataType

  /// - Throws: `FormatError.invalidTensor` where the count or a value does not fit; nothing wraps around.
  func tensor(_ proto: ONNXTensorProto) throws -> Tensor {
    switch type {
    case .float32: return try elements(proto.floatData, "float_data") { $0 }
    case .float64: return try elements(proto.doubleData, "double_data") { $0 }
    case .int64: return try elements(proto.int64Data, "int64_data") { $0 }
    case .uint64: return try elements(proto.uint64Data, "uint64_data") { $0 }
    case .uint32: return try elements(proto.uint64Data, "uint64_data") { UInt32(exactly: $0) }
    case .int32: return try elements(proto.int32Data, "int32_data") { $0 }
    case .int16: return try elements(proto.int32Data, "int32_data") { Int16(exactly: $0) }
    case .uint16: return try elements(proto.int32Data, "int32_data") { UInt16(exactly: $0) }
    case .int8: return try elements(proto.int32Data, "int32_data") { Int8(exactly: $0) }
    case .uint8: return try elements(proto.int32Data, "int32_data") { UInt8(exactly: $0) }
    case .bool: return try elements(proto.int32Data, "int32_data") { $0 != 0 }
    case .float16:
      return try elements(proto.int32Data, "int32_data") {
        UInt16(exactly: $0).map { Float16(bitPattern: $0) }
      }
    case .bfloat16:
      return try elements(proto.int32Data, "int32_data") {
        UInt16(exactly: $0).map { BFloat16(bitPattern: $0) }
      }
    case .float8e4m3fn, .float8e4m3fnuz, .float8e5m2, .float8e5m2fnuz, .float8e8m0:
      let codes: Tensor = try elements(proto.int32Data, "int32_data") { UInt8(exactly: $0) }
      return try Tensor(shape: shape, dataType: type, storage: codes.storage)
    case .int4, .uint4, .int2, .uint2, .float4e2m1:
      // Packed as in raw data, one byte in each value.
      let bytes = proto.int32Data.map { UInt8(truncatingIfNeeded: $0) }
      guard bytes.count == type.storedByteCount(shape.count) else {
        throw refusal("\(type.storedByteCount(shape.count)) packed values", "\(bytes.count)")
      }
      return try bytes.withUnsafeBytes {
        try PackedElements.unpacked($0, owner: nil, shape: shape, type: type)
      }
    case .string: throw refusal("texts", "numbers")
    }
  }

  private func elements<Stored, Element: TensorElement>(
    _ stored: [Stored], _ field: String, _ convert: (Stored) -> Element?
  ) throws -> Tensor {
    guard stored.count == shape.count else {
      throw refusal("\(shape.count) values", "\(stored.count) in \(field)")
    }
    return try Tensor(shape: shape, of: Element.self) { target in
      for index in target.indices {
        guard let value = convert(stored[index]) else {
          throw FormatError.invalidTensor(
            file: file, tensor: label, expected: "\(type.rawValue) values", found: "\(stored[index])")
        }
        target[index] = value
      }
    }
  }

  private func refusal(_ expected: String, _ found: String) -> FormatError {
    .invalidTensor(file: file, tensor: label, expected: "\(expected) for its shape \(shape)", found: found)
  }
}
