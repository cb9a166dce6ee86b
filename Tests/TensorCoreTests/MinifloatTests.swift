import TensorCore
import Testing

@Suite("Small floats")
struct MinifloatTests {
  static let formats: [MinifloatFormat] = [
    .float8e4m3fn, .float8e4m3fnuz, .float8e5m2, .float8e5m2fnuz, .float4e2m1,
  ]

  @Test("every code comes back from its value", arguments: formats)
  func roundTrip(format: MinifloatFormat) {
    let count = 1 << (1 + format.exponentBits + format.mantissaBits)
    for code in 0..<count {
      let value = format.decoded(UInt8(code))
      if value.isNaN {
        #expect(format.decoded(format.encoded(value)).isNaN)
      } else {
        #expect(format.encoded(value, saturates: false) == UInt8(code), "\(code) is \(value)")
      }
    }
  }

  @Test("a value between two codes goes to the nearer one, a tie to the even one", arguments: formats)
  func rounding(format: MinifloatFormat) {
    let sign = 1 << (format.exponentBits + format.mantissaBits)
    for code in 0..<sign - 1 {
      let (low, high) = (format.decoded(UInt8(code)), format.decoded(UInt8(code + 1)))
      guard low.isFinite, high.isFinite else { continue }
      let middle = (low + high) / 2
      #expect(format.encoded(middle) == UInt8(code % 2 == 0 ? code : code + 1))
      #expect(format.encoded(middle.nextDown) == UInt8(code))
      #expect(format.encoded(middle.nextUp) == UInt8(code + 1))
    }
  }

  @Test("the largest values are those of the formats' papers, and what is beyond saturates or not")
  func limits() {
    #expect(Self.formats.map(\.largest) == [448, 240, 57344, 57344, 6])
    for format in Self.formats {
      #expect(format.decoded(format.encoded(1e9)) == format.largest)
      #expect(format.decoded(format.encoded(-.infinity)) == -format.largest)
    }
    #expect(
      MinifloatFormat.float8e5m2.decoded(MinifloatFormat.float8e5m2.encoded(1e9, saturates: false))
        == .infinity)
    #expect(
      MinifloatFormat.float8e4m3fn.decoded(MinifloatFormat.float8e4m3fn.encoded(1e9, saturates: false)).isNaN)
  }

  @Test("scales are powers of two, rounded as asked")
  func scales() {
    for code in 0...254 { #expect(ScaleFormat.encoded(ScaleFormat.decoded(UInt8(code))) == UInt8(code)) }
    #expect(ScaleFormat.decoded(ScaleFormat.encoded(3)) == 4)
    #expect(ScaleFormat.decoded(ScaleFormat.encoded(3.9, rounding: .down)) == 2)
    #expect(ScaleFormat.decoded(ScaleFormat.encoded(3, rounding: .nearest)) == 4)
    #expect(ScaleFormat.decoded(ScaleFormat.encoded(2.9, rounding: .nearest)) == 2)
    #expect(ScaleFormat.decoded(ScaleFormat.encoded(-1)).isNaN)
    #expect(ScaleFormat.decoded(ScaleFormat.encoded(.infinity, saturates: false)).isNaN)
  }

  @Test("integers of fewer than eight bits saturate, and take a byte each")
  func narrowIntegers() throws {
    let values: [Float] = [-100, -9, -8, -1.7, 0, 1.7, 7, 15, 16, .nan]
    let signed = try Tensor(shape: [10], floats: values, as: .int4)
    #expect(signed.integers == [-8, -8, -8, -1, 0, 1, 7, 7, 7, 0])
    #expect(try Tensor(shape: [10], floats: values, as: .uint2).integers == [0, 0, 0, 0, 0, 1, 3, 3, 3, 0])
    #expect(signed.byteCount == 10)
    #expect(DataType.int4.storedByteCount(11) == 6 && DataType.uint2.storedByteCount(5) == 2)
  }

  @Test("texts survive, each held once; zeroed memory is empty texts")
  func texts() throws {
    let texts = ["a", "", "bb", "a", "ü"]
    let tensor = try Tensor(shape: [5], strings: texts)
    #expect(tensor.strings == texts && tensor.storage.strings == ["", "a", "bb", "ü"])
    #expect(try tensor.slice(1..<3).strings == ["", "bb"])
    let zeros = try Tensor(shape: [2], dataType: .string, bytes: [UInt8](repeating: 0, count: 16))
    #expect(zeros.strings == ["", ""])
  }

  @Test("the numbers of types in files are ONNX's")
  func numbers() {
    for type in DataType.allCases { #expect(DataType(onnxCode: type.onnxCode) == type) }
    #expect(DataType(onnxCode: 0) == nil && DataType(onnxCode: 14) == nil)
    #expect(Set(DataType.allCases.map(\.onnxCode)).count == DataType.allCases.count)
  }
}
