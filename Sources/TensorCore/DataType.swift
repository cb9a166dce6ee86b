/// The element type of a tensor, named as in the ONNX specification (`TensorProto.DataType`).
///
/// Types narrower than a byte take a byte per element in memory (integers sign- or zero-extended, float4 in the low
/// four bits) and are packed only in files; 8-bit floats are their codes (see `MinifloatFormat`). An element of a
/// string tensor is an index into the strings its storage holds.
package enum DataType: String, Sendable, Hashable, Codable, CaseIterable {
  case float32, float16, bfloat16, float64
  case int8, uint8, int16, uint16, int32, uint32, int64, uint64
  case bool
  case string
  case int4, uint4, int2, uint2
  case float8e4m3fn, float8e4m3fnuz, float8e5m2, float8e5m2fnuz, float8e8m0, float4e2m1

  /// The types whose elements are numbers (or Booleans) of whole bytes, other than 8-bit floats.
  package static let plain: [DataType] = [
    .float32, .float16, .bfloat16, .float64, .int8, .uint8, .int16, .uint16, .int32, .uint32, .int64, .uint64,
    .bool,
  ]

  /// Bytes one element occupies in memory.
  package var byteCount: Int {
    switch self {
    case .int8, .uint8, .bool, .int4, .uint4, .int2, .uint2: 1
    case .float8e4m3fn, .float8e4m3fnuz, .float8e5m2, .float8e5m2fnuz, .float8e8m0, .float4e2m1: 1
    case .float16, .bfloat16, .int16, .uint16: 2
    case .float32, .int32, .uint32: 4
    case .float64, .int64, .uint64, .string: 8
    }
  }

  /// Bits one element occupies in a file.
  package var storedBits: Int {
    switch self {
    case .int4, .uint4, .float4e2m1: 4
    case .int2, .uint2: 2
    default: byteCount * 8
    }
  }

  /// Bytes that `count` elements occupy in a file.
  package func storedByteCount(_ count: Int) -> Int {
    storedBits < 8 ? (count * storedBits + 7) / 8 : count * byteCount
  }

  package var isFloatingPoint: Bool {
    switch self {
    case .float32, .float16, .bfloat16, .float64: true
    case .float8e4m3fn, .float8e4m3fnuz, .float8e5m2, .float8e5m2fnuz, .float8e8m0, .float4e2m1: true
    case .int8, .uint8, .int16, .uint16, .int32, .uint32, .int64, .uint64, .bool: false
    case .string, .int4, .uint4, .int2, .uint2: false
    }
  }

  /// The values of an integer type; nil for others.
  package var integerRange: ClosedRange<Int>? {
    switch self {
    case .int8: -128...127
    case .uint8: 0...255
    case .int16: -32768...32767
    case .uint16: 0...65535
    case .int32: Int(Int32.min)...Int(Int32.max)
    case .uint32: 0...Int(UInt32.max)
    case .int64: Int.min...Int.max
    case .uint64: 0...Int.max
    case .int4: -8...7
    case .uint4: 0...15
    case .int2: -2...1
    case .uint2: 0...3
    default: nil
    }
  }

  /// The type's number in ONNX files.
  package var onnxCode: Int {
    switch self {
    case .float32: 1
    case .uint8: 2
    case .int8: 3
    case .uint16: 4
    case .int16: 5
    case .int32: 6
    case .int64: 7
    case .string: 8
    case .bool: 9
    case .float16: 10
    case .float64: 11
    case .uint32: 12
    case .uint64: 13
    case .bfloat16: 16
    case .float8e4m3fn: 17
    case .float8e4m3fnuz: 18
    case .float8e5m2: 19
    case .float8e5m2fnuz: 20
    case .uint4: 21
    case .int4: 22
    case .float4e2m1: 23
    case .float8e8m0: 24
    case .uint2: 25
    case .int2: 26
    }
  }

  /// The type of a number in an ONNX file; nil for undefined and complex ones.
  package init?(onnxCode code: Int) {
    guard let type = DataType.allCases.first(where: { $0.onnxCode == code }) else { return nil }
    self = type
  }
}
