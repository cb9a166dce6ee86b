import TensorCore

/// ONNX's numbers for element types (`TensorProto.DataType`).
enum ElementType {
  static let uint4: Int32 = 21
  static let int4: Int32 = 22

  /// The type in memory; packed 4-bit integers are widened to 8 bits. Nil where the type is not supported.
  static func dataType(_ number: Int32) -> DataType? {
    switch number {
    case 1: .float32
    case 2, uint4: .uint8
    case 3, int4: .int8
    case 4: .uint16
    case 5: .int16
    case 6: .int32
    case 7: .int64
    case 9: .bool
    case 10: .float16
    case 11: .float64
    case 12: .uint32
    case 13: .uint64
    case 16: .bfloat16
    default: nil
    }
  }

  static func number(_ type: DataType) -> Int32 { Int32(type.onnxCode) }

  /// For messages about types that are not supported.
  static func name(_ number: Int32) -> String {
    switch number {
    case 0: "undefined"
    case 8: "string"
    case 14: "complex64"
    case 15: "complex128"
    case 17: "float8e4m3fn"
    case 18: "float8e4m3fnuz"
    case 19: "float8e5m2"
    case 20: "float8e5m2fnuz"
    case 23: "float4e2m1"
    default: dataType(number)?.rawValue ?? "number \(number)"
    }
  }
}
