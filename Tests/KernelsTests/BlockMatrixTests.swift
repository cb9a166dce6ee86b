import Kernels
import Testing

@Suite struct BlockMatrixTests {
  @Test(arguments: levels, [(8, 1), (8, 4), (4, 4), (1, 1)])
  func matchesReference(_ level: CPUFeatureLevel, _ block: (outputs: Int, inputs: Int)) {
    var random = Seeded(601)
    for (i, shape) in shapes(30, seed: 602).enumerated() {
      let (rows, outputs, inputs) = shape
      let density = [0, 0.1, 0.5, 1][i % 4]
      var weights = [Float](repeating: 0, count: outputs * inputs)
      for n in stride(from: 0, to: outputs, by: block.outputs) {
        for k in stride(from: 0, to: inputs, by: block.inputs)
        where Double.random(in: 0..<1, using: &random) < density {
          for (a, b) in (0..<block.outputs * block.inputs).map({ ($0 / block.inputs, $0 % block.inputs) })
          where n + a < outputs && k + b < inputs {
            weights[(n + a) * inputs + k + b] = Float.random(in: -1...1, using: &random)
          }
        }
      }
      let operands = Operands(rows: rows, outputs: outputs, inputs: inputs, random: &random)
      let kernel = weights.withUnsafeBufferPointer {
        BlockMatrix(weights: $0, outputs: outputs, inputs: inputs, table: .for(level))
      }
      let expected = operands.finish(operands.products(weights.map(Double.init)))
      #expect(
        worst(operands.run(kernel), expected, scale: 1 + Float(inputs).squareRoot()) < 1e-5,
        "\(kernel.identity) \(rows)x\(outputs)x\(inputs) density \(density)")
    }
  }
}
