import Kernels
import Testing

/// Random codes of a width, with scales and zero points, and the weights they stand for.
struct RandomCodes {
  let codes: [Int16]
  let scales: [Float]
  let zeroPoints: [Int32]
  let weights: [Double]

  init(outputs: Int, inputs: Int, bits: PackedWidth, random: inout Seeded) {
    let signed = Bool.random(using: &random)
    let range = signed ? bits.signedCodes : bits.unsignedCodes
    codes = (0..<outputs * inputs).map { _ in
      bits == .one
        ? (Bool.random(using: &random) ? 1 : range.lowerBound) : Int16.random(in: range, using: &random)
    }
    let perOutput = Bool.random(using: &random)
    scales = random.floats(perOutput ? outputs : 1, in: 0.01...0.1)
    let zeroCount = [0, 1, outputs].randomElement(using: &random) ?? 0
    zeroPoints = (0..<zeroCount).map { _ in Int32(Int16.random(in: range, using: &random)) }
    let scales = scales, zeroPoints = zeroPoints
    weights = codes.enumerated().map { i, code in
      let n = i / max(1, inputs)
      let zero = zeroPoints.isEmpty ? 0 : zeroPoints.count == 1 ? zeroPoints[0] : zeroPoints[n]
      return Double(scales.count == 1 ? scales[0] : scales[n]) * Double(Int32(code) - zero)
    }
  }
}

@Suite struct PackedMatrixTests {
  @Test(arguments: levels, PackedWidth.allCases) func matchesReference(
    _ level: CPUFeatureLevel, _ bits: PackedWidth
  ) {
    var random = Seeded(11)
    for (rows, outputs, inputs) in shapes(40, seed: 12) {
      let codes = RandomCodes(outputs: outputs, inputs: inputs, bits: bits, random: &random)
      let operands = Operands(rows: rows, outputs: outputs, inputs: inputs, random: &random)
      let kernel = codes.codes.withUnsafeBufferPointer {
        PackedMatrix(
          codes: $0, outputs: outputs, inputs: inputs, bits: bits, scales: codes.scales,
          zeroPoints: codes.zeroPoints, table: .for(level))
      }
      let expected = operands.finish(operands.products(codes.weights))
      let size = Float(codes.weights.reduce(1) { max($0, abs($1)) })
      #expect(
        worst(operands.run(kernel), expected, scale: 1 + size * Float(inputs).squareRoot()) < 1e-5,
        "\(kernel.name) \(rows)x\(outputs)x\(inputs)")
    }
  }

  @Test func packsToTheBitsPromised() {
    for bits in PackedWidth.allCases {
      let codes = [Int16](repeating: 1, count: 160 * 160)
      let kernel = codes.withUnsafeBufferPointer {
        PackedMatrix(codes: $0, outputs: 160, inputs: 160, bits: bits, scales: [1], table: .for(.portable))
      }
      #expect(kernel.packedBytes == Int(160 * 160 * bits.bitsPerWeight / 8) + 160 * 8, "\(bits)")
    }
  }
}
