/// A Swift type that can be a tensor's element.
package protocol TensorElement: BitwiseCopyable, Sendable {
  static var dataType: DataType { get }
}

extension Float: TensorElement { package static var dataType: DataType { .float32 } }
extension Float16: TensorElement { package static var dataType: DataType { .float16 } }
extension Double: TensorElement { package static var dataType: DataType { .float64 } }
extension Int8: TensorElement { package static var dataType: DataType { .int8 } }
extension UInt8: TensorElement { package static var dataType: DataType { .uint8 } }
extension Int16: TensorElement { package static var dataType: DataType { .int16 } }
extension UInt16: TensorElement { package static var dataType: DataType { .uint16 } }
extension Int32: TensorElement { package static var dataType: DataType { .int32 } }
extension UInt32: TensorElement { package static var dataType: DataType { .uint32 } }
extension Int64: TensorElement { package static var dataType: DataType { .int64 } }
extension UInt64: TensorElement { package static var dataType: DataType { .uint64 } }
extension Bool: TensorElement { package static var dataType: DataType { .bool } }

/// The upper half of a float32, as in the bfloat16 format.
package struct BFloat16: TensorElement, Hashable {
  package static var dataType: DataType { .bfloat16 }
  package let bitPattern: UInt16

  package init(bitPattern: UInt16) { self.bitPattern = bitPattern }

  /// Rounds to nearest, ties to even; a NaN stays one.
  package init(_ value: Float) {
    let bits = value.bitPattern
    guard !value.isNaN else {
      bitPattern = UInt16(truncatingIfNeeded: bits >> 16) | 0x40
      return
    }
    let rounding = 0x7FFF + ((bits >> 16) & 1)
    bitPattern = UInt16(truncatingIfNeeded: (bits &+ rounding) >> 16)
  }

  package var float: Float { Float(bitPattern: UInt32(bitPattern) << 16) }
}
