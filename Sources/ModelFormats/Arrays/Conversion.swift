import TensorCore

/// Element types brought to what a model's input takes; never by silent rounding or wrapping.
package struct Conversion {
  let file: String
  let array: String

  /// The names are for errors only.
  package init(file: String, array: String) {
    self.file = file
    self.array = array
  }

  /// - Throws: `FormatError.invalidArray` for numbers that do not fit `type`.
  package func callAsFunction(_ tensor: Tensor, to type: DataType) throws -> Tensor {
    try type.isFloatingPoint ? floats(tensor, to: type) : integers(tensor, to: type)
  }

  func floats(_ tensor: Tensor, to type: DataType) throws -> Tensor {
    if tensor.dataType == type { return tensor }
    let values = try values(of: tensor)
    return switch type {
    case .float16: try converted(values, tensor.shape) { Conversion.kept(Float16($0), of: $0) }
    case .bfloat16:
      try converted(values, tensor.shape) { value in
        let short = BFloat16(value)
        return Conversion.kept(short.float, of: value).map { _ in short }
      }
    case .float64: try converted(values, tensor.shape) { Double($0) }
    case .float32, .int8, .uint8, .int16, .uint16, .int32, .uint32, .int64, .uint64, .bool:
      tensor.dataType == .float32 ? tensor : try Tensor(shape: tensor.shape, values)
    case .string, .int4, .uint4, .int2, .uint2, .float8e4m3fn, .float8e4m3fnuz, .float8e5m2, .float8e5m2fnuz,
      .float8e8m0, .float4e2m1:
      try Tensor(shape: tensor.shape, floats: values, as: type)
    }
  }

  /// - Throws: `FormatError.invalidArray` for a finite number that is beyond a float32.
  private func values(of tensor: Tensor) throws -> [Float] {
    if tensor.dataType == .float64 {
      try tensor.withElements(of: Double.self) { doubles in
        guard let bad = doubles.first(where: { $0.isFinite && !Float($0).isFinite }) else { return }
        throw FormatError.invalidArray(
          file: file, array: array, expected: "numbers that fit float32", found: "\(bad)")
      }
    }
    return tensor.floats
  }

  /// Nil where `short` became infinite and `value` is not.
  private static func kept<Short: BinaryFloatingPoint>(_ short: Short, of value: Float) -> Short? {
    short.isInfinite && value.isFinite ? nil : short
  }

  private func narrow(_ values: [Int], _ shape: Shape, _ type: DataType) throws -> Tensor {
    if let bad = values.first(where: { type.integerRange?.contains($0) == false }) {
      throw FormatError.invalidArray(
        file: file, array: array, expected: "numbers that fit \(type.rawValue)", found: "\(bad)")
    }
    return try Tensor(shape: shape, floats: values.map { Float($0) }, as: type)
  }

  /// - Throws: `FormatError.invalidArray` for fractions and for numbers that do not fit `type`.
  func integers(_ tensor: Tensor, to type: DataType) throws -> Tensor {
    if tensor.dataType == type { return tensor }
    if tensor.dataType.isFloatingPoint, let bad = tensor.floats.first(where: { $0 != $0.rounded() }) {
      throw FormatError.invalidArray(file: file, array: array, expected: "whole numbers", found: "\(bad)")
    }
    let values = tensor.integers
    let shape = tensor.shape
    return switch type {
    case .int8: try converted(values, shape) { Int8(exactly: $0) }
    case .uint8: try converted(values, shape) { UInt8(exactly: $0) }
    case .int16: try converted(values, shape) { Int16(exactly: $0) }
    case .uint16: try converted(values, shape) { UInt16(exactly: $0) }
    case .int32: try converted(values, shape) { Int32(exactly: $0) }
    case .uint32: try converted(values, shape) { UInt32(exactly: $0) }
    case .int64: try converted(values, shape) { Int64($0) }
    case .uint64: try converted(values, shape) { UInt64(exactly: $0) }
    case .bool: try converted(values, shape) { $0 != 0 }
    case .float32, .float16, .bfloat16, .float64: try floats(tensor, to: type)
    case .float8e4m3fn, .float8e4m3fnuz, .float8e5m2, .float8e5m2fnuz, .float8e8m0, .float4e2m1:
      try floats(tensor, to: type)
    case .int4, .int2, .uint4, .uint2: try narrow(values, shape, type)
    case .string: try Tensor(shape: shape, strings: values.map { "\($0)" })
    }
  }

  private func converted<Value, Element: TensorElement>(
    _ values: [Value], _ shape: Shape, _ convert: (Value) -> Element?
  ) throws -> Tensor {
    try Tensor(shape: shape, of: Element.self) { target in
      for index in target.indices {
        guard let value = convert(values[index]) else {
          throw FormatError.invalidArray(
            file: file, array: array, expected: "numbers that fit \(Element.dataType.rawValue)",
            found: "\(values[index])")
        }
        target[index] = value
      }
    }
  }
}
