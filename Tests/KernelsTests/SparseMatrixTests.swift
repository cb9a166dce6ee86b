import Kernels
import Testing

@Suite struct SparseMatrixTests {
  @Test(arguments: levels) func matchesReference(_ level: CPUFeatureLevel) {
    var random = Seeded(61)
    for (i, shape) in shapes(60, seed: 62).enumerated() {
      let (rows, outputs, inputs) = shape
      let density = [0, 0.05, 0.1, 0.5, 1][i % 5]
      let codes = (0..<outputs * inputs).map { _ in
        Double.random(in: 0..<1, using: &random) < density ? Int8.random(in: -128...127, using: &random) : 0
      }
      let operands = Operands(rows: rows, outputs: outputs, inputs: inputs, random: &random)
      let floats = codes.map { Float($0) * 0.0078125 }
      let expected = operands.finish(operands.products(floats.map(Double.init)))
      let scale = 1 + Float(inputs).squareRoot()
      let label = "\(level) \(rows)x\(outputs)x\(inputs) density \(density)"
      let plain = floats.withUnsafeBufferPointer {
        SparseMatrix(weights: $0, outputs: outputs, inputs: inputs, table: .for(level))
      }
      #expect(worst(operands.run(plain), expected, scale: scale) < 1e-5, "\(plain.identity) \(label)")
      #expect(plain.nonZeros == codes.count { $0 != 0 })
      let coded = codes.withUnsafeBufferPointer {
        SparseMatrix(
          codes: $0, outputs: outputs, inputs: inputs,
          scales: [Float](repeating: 0.0078125, count: i % 2 == 0 ? 1 : outputs), table: .for(level))
      }
      #expect(worst(operands.run(coded), expected, scale: scale) < 1e-5, "\(coded.identity) \(label)")
    }
  }

  /// More columns than 16 bits tell apart.
  @Test(arguments: levels) func takesManyColumns(_ level: CPUFeatureLevel) {
    var random = Seeded(63)
    let inputs = 70_001
    for rows in [1, 3, 21] {
      var weights = [Float](repeating: 0, count: 3 * inputs)
      for _ in 0..<400 { weights[Int.random(in: 0..<3 * inputs, using: &random)] = 0.5 }
      weights[inputs - 1] = 2
      weights[inputs + 65_535] = 3
      weights[inputs + 65_536] = 4
      let operands = Operands(rows: rows, outputs: 3, inputs: inputs, random: &random)
      let kernel = weights.withUnsafeBufferPointer {
        SparseMatrix(weights: $0, outputs: 3, inputs: inputs, table: .for(level))
      }
      let expected = operands.finish(operands.products(weights.map(Double.init)))
      #expect(worst(operands.run(kernel), expected, scale: 20) < 1e-5)
    }
  }
}
