import TensorCore

/// ONNX's numbers for element types (`TensorProto.DataType`).
enum ElementType {
  /// Nil for types that are not supported, which are complex numbers.
  static func dataType(_ number: Int32) -> DataType? { DataType(onnxCode: Int(number)) }

  static func number(_ type: DataType) -> Int32 { Int32(type.onnxCode) }

  /// For messages about types that are not supported.
  static func name(_ number: Int32) -> String {
    switch number {
    case 0: "undefined"
    case 14: "complex64"
    case 15: "complex128"
    default: dataType(number)?.rawValue ?? "number \(number)"
    }
  }
}
