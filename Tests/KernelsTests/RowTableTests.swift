import Kernels
import TensorCore
import Testing

@Suite("Tables of rows")
struct RowTableTests {
  private static func codes(_ tensor: QuantizedTensor) throws {
    let table = try #require(RowTable(tensor))
    let expected = tensor.dequantized().floats
    for row in 0..<table.rows {
      var found = [Float](repeating: .nan, count: table.width)
      found.withUnsafeMutableBufferPointer { table.unpack(row: row, into: $0.baseAddress!) }
      #expect(found == Array(expected[row * table.width..<(row + 1) * table.width]), "row \(row)")
    }
  }

  @Test("a row is what the whole table has there", arguments: WeightBits.allCases, [1, 5, 8, 13, 64])
  func rows(bits: WeightBits, width: Int) throws {
    var random = SeededGenerator(seed: UInt64(width))
    let rows = 7
    let range = bits.codeRange
    let codes = (0..<rows * width).map { _ in Int8(Int.random(in: range, using: &random)) }
    for groupSize in [nil, 4, 16] as [Int?] {
      let groups = groupSize.map { (width + $0 - 1) / $0 } ?? 1
      for isAsymmetric in [false, true] {
        let zeros =
          isAsymmetric ? (0..<rows * groups).map { _ in Int32(Int.random(in: range, using: &random)) } : []
        let tensor = try QuantizedTensor(
          shape: Shape(known: [rows, width]), bits: bits, axis: 0, groupSize: groupSize,
          scales: (0..<rows * groups).map { _ in Float.random(in: 0.1...2, using: &random) },
          zeroPoints: zeros,
          codes: codes)
        try Self.codes(tensor)
      }
    }
    try Self.codes(
      QuantizedTensor(
        shape: Shape(known: [rows, width]), bits: bits, axis: nil, scales: [0.5], zeroPoints: [], codes: codes
      ))
  }

  @Test("float codes and halves, too", arguments: CodeFormat.allCases.filter { $0.bits != nil })
  func floatCodes(format: CodeFormat) throws {
    let bits = try #require(format.bits)
    let finite = bits.codeRange.filter { format.levels[$0 - bits.codeRange.lowerBound].isFinite }
    let codes = (0..<60).map { Int8(finite[$0 * 7 % finite.count]) }
    try Self.codes(
      QuantizedTensor(
        shape: [6, 10], bits: bits, axis: 0, groupSize: 4, format: format,
        scales: (0..<18).map { Float($0 + 1) / 8 }, zeroPoints: [], codes: codes))
    let values = (0..<6).map { Float($0) / 3 }
    for type in [DataType.float32, .float16, .bfloat16] {
      let tensor =
        switch type {
        case .float16: try Tensor(shape: [2, 3], values.map { Float16($0) })
        case .bfloat16: try Tensor(shape: [2, 3], values.map { BFloat16($0) })
        default: try Tensor(shape: [2, 3], values)
        }
      let table = try #require(RowTable(tensor))
      #expect(table.rowBytes == 3 * type.byteCount)
      var found = [Float](repeating: 0, count: 3)
      found.withUnsafeMutableBufferPointer { table.unpack(row: 1, into: $0.baseAddress!) }
      #expect(found == Array(tensor.floats[3...]))
    }
  }

  @Test("columns with scales of their own are no rows")
  func columns() throws {
    let tensor = try QuantizedTensor(
      shape: [2, 3], bits: .int8, axis: 1, scales: [1, 2, 3], zeroPoints: [], codes: [1, 2, 3, 4, 5, 6])
    #expect(RowTable(tensor) == nil)
  }
}
