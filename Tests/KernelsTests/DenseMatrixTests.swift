import Kernels
import Testing

@Suite struct DenseMatrixTests {
  @Test(arguments: levels) func matchesReference(_ level: CPUFeatureLevel) {
    var random = Seeded(1)
    for (rows, outputs, inputs) in shapes(60, seed: 2) {
      let weights = random.floats(outputs * inputs)
      let operands = Operands(rows: rows, outputs: outputs, inputs: inputs, random: &random)
      let kernel = weights.withUnsafeBufferPointer {
        DenseMatrix(weights: $0, outputs: outputs, inputs: inputs, table: .for(level))
      }
      let expected = operands.finish(operands.products(weights.map(Double.init)))
      #expect(
        worst(operands.run(kernel), expected, scale: 1 + Float(inputs).squareRoot()) < 1e-5,
        "\(kernel.identity) \(rows)x\(outputs)x\(inputs)")
    }
  }

  @Test(arguments: levels) func keepsSpecialValues(_ level: CPUFeatureLevel) {
    let weights: [Float] = [1, 0, 0, 1]
    let kernel = weights.withUnsafeBufferPointer {
      DenseMatrix(weights: $0, outputs: 2, inputs: 2, table: .for(level))
    }
    var random = Seeded(3)
    var operands = Operands(rows: 1, outputs: 2, inputs: 2, random: &random)
    operands.useBias = false
    operands.useResidual = false
    for activation in [FusedActivation.none, .relu, .clip(-1, 1)] {
      operands.activation = activation
      operands.x[1] = .nan
      operands.x[2] = 1
      let found = operands.run(kernel)
      #expect(found?.allSatisfy(\.isNaN) == true)
      operands.x[1] = .leastNonzeroMagnitude
      operands.x[2] = 0x1p-140
      #expect(operands.run(kernel) == [.leastNonzeroMagnitude, 0x1p-140], "subnormals are kept")
    }
  }
}
