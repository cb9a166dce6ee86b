import TensorCore
import Testing

@Suite("Tensor")
struct TensorTests {
  @Test func holdsItsElements() throws {
    let tensor = try Tensor(shape: [2, 3], [1, 2, 3, 4, 5, 6] as [Float])
    #expect(tensor.floats == [1, 2, 3, 4, 5, 6])
    #expect(try tensor.slice(1..<2).floats == [4, 5, 6])
    #expect(try tensor.reshaped(to: [6]).floats == [1, 2, 3, 4, 5, 6])
  }

  @Test func refusesWrongCounts() {
    #expect(throws: TensorError.self) { try Tensor(shape: [2, 2], [1, 2, 3] as [Float]) }
    #expect(throws: TensorError.self) {
      try Tensor(shape: [2, 2], [1, 2, 3, 4] as [Float]).reshaped(to: [3])
    }
  }

  @Test func refusesAnotherType() throws {
    let tensor = try Tensor(shape: [1], [1] as [Float])
    #expect(throws: TensorError.dataTypeMismatch(expected: .int8, found: .float32)) {
      try tensor.withElements(of: Int8.self) { $0.count }
    }
  }

  @Test func convertsEveryType() throws {
    #expect(try Tensor(shape: [2], [1.5, -2] as [Float16]).floats == [1.5, -2])
    #expect(try Tensor(shape: [2], [BFloat16(1.5), BFloat16(-2)]).floats == [1.5, -2])
    #expect(try Tensor(shape: [2], [200, 3] as [UInt8]).integers == [200, 3])
    #expect(try Tensor(shape: [3], [Float.nan, .infinity, -1.9]).integers == [0, Int.max, -1])
    #expect(try Tensor(shape: [2], [true, false]).floats == [1, 0])
  }

  @Test func bfloat16RoundsToNearestEven() {
    #expect(BFloat16(1 + 0x1p-8).float == 1)
    #expect(BFloat16(1 + 3 * 0x1p-8).float == 1 + 0x1p-6)
    #expect(BFloat16(.nan).float.isNaN)
    #expect(BFloat16(-.infinity).float == -.infinity)
  }
}

@Suite("QuantizedTensor")
struct QuantizedTensorTests {
  @Test func dequantizesPerChannel() throws {
    let tensor = try QuantizedTensor(
      shape: [2, 2], bits: .int8, axis: 1, scales: [0.5, 2], zeroPoints: [1, -1], codes: [3, 3, 1, -1])
    #expect(tensor.dequantized().floats == [1, 8, 0, 0])
    #expect(tensor.nonzeroCount == 2)
  }

  @Test func dequantizesPerGroupAlongTheOtherAxes() throws {
    // [K, N] = [3, 2], groups of 2 along K: output 0 has scales 1 and 10, output 1 has 100 and 1000.
    let matrix = try QuantizedTensor(
      shape: [3, 2], bits: .int4, axis: 1, groupSize: 2, scales: [1, 10, 100, 1000],
      zeroPoints: [0, 1, 0, 2],
      codes: [1, 2, 3, 4, 5, 6])
    #expect(matrix.dequantized().floats == [1, 200, 3, 400, 40, 4000])
    #expect(matrix.groupsPerChannel == 2)
    // [OC, IC, KW] = [2, 2, 2] with groups of 3 over the flattened 4.
    let window = try QuantizedTensor(
      shape: [2, 2, 2], bits: .int8, axis: 0, groupSize: 3, scales: [1, 10, 100, 1000], zeroPoints: [],
      codes: [1, 1, 1, 1, 1, 0, 1, 1])
    #expect(window.dequantized().floats == [1, 1, 1, 10, 100, 0, 100, 1000])
    #expect(window.nonzeroCount == 7)
    #expect(throws: TensorError.self) {
      try QuantizedTensor(
        shape: [2, 4], bits: .int4, axis: 0, groupSize: 2, scales: [1, 1], zeroPoints: [],
        codes: [Int8](repeating: 0, count: 8))
    }
  }

  @Test func floatFormatsStandForTheirLevels() throws {
    let tensor = try QuantizedTensor(
      shape: [4], bits: .int8, axis: nil, format: .float8E4M3, scales: [2], zeroPoints: [],
      codes: [0, 0x38, 0x7e, Int8(bitPattern: 0xb8)])
    #expect(tensor.dequantized().floats == [0, 2, 896, -2])
    for format in CodeFormat.allCases {
      guard let range = format.bits?.codeRange else { continue }
      let levels = format.levels
      #expect(levels.count == range.count && levels[-range.lowerBound] == 0)
      #expect(levels.filter(\.isFinite).max() == format.largest)
    }
    #expect(
      CodeFormat.float4E2M1.levels == [-0.0, -0.5, -1, -1.5, -2, -3, -4, -6, 0, 0.5, 1, 1.5, 2, 3, 4, 6])
    #expect(CodeFormat.float8E5M2.levels[128 + 1] == 0x1p-16)
    #expect(CodeFormat.float6E3M2.levels[32 + 1] == 0.0625)
    #expect(CodeFormat.float6E2M3.levels[32 + 1] == 0.125)
  }

  @Test func refusesScalesThatDoNotFit() {
    #expect(throws: TensorError.self) {
      try QuantizedTensor(
        shape: [2, 2], bits: .int8, axis: 0, scales: [1], zeroPoints: [], codes: [0, 0, 0, 0])
    }
    #expect(throws: TensorError.self) {
      try QuantizedTensor(shape: [2], bits: .int8, axis: 3, scales: [1], zeroPoints: [], codes: [0, 0])
    }
  }

  @Test func packedBytes() {
    #expect(WeightBits.int3.packedByteCount(9) == 4)
    #expect(WeightBits.ternary.packedByteCount(11) == 3)
    #expect(WeightBits.binary.packedByteCount(17) == 3)
    #expect(WeightBits.int4.packedByteCount(3) == 2)
  }
}
