import Kernels
import Testing

@Suite struct PatternMatrixTests {
  /// Random weights that keep at most `pattern.kept` of each run.
  static func weights(_ pattern: KeepPattern, outputs: Int, inputs: Int, random: inout Seeded) -> [Float] {
    var weights = [Float](repeating: 0, count: outputs * inputs)
    for n in 0..<outputs {
      for first in stride(from: 0, to: inputs, by: pattern.run) {
        let run = first..<min(inputs, first + pattern.run)
        for k in run.shuffled(using: &random).prefix(Int.random(in: 0...pattern.kept, using: &random)) {
          weights[n * inputs + k] = Float.random(in: -1...1, using: &random)
        }
      }
    }
    return weights
  }

  @Test(arguments: levels, KeepPattern.allCases)
  func matchesReference(_ level: CPUFeatureLevel, _ pattern: KeepPattern) throws {
    var random = Seeded(501)
    for (rows, outputs, inputs) in shapes(30, seed: 502) {
      let weights = Self.weights(pattern, outputs: outputs, inputs: inputs, random: &random)
      let operands = Operands(rows: rows, outputs: outputs, inputs: inputs, random: &random)
      let kernel = try #require(
        weights.withUnsafeBufferPointer {
          PatternMatrix(weights: $0, outputs: outputs, inputs: inputs, pattern: pattern, table: .for(level))
        })
      let expected = operands.finish(operands.products(weights.map(Double.init)))
      #expect(
        worst(operands.run(kernel), expected, scale: 1 + Float(inputs).squareRoot()) < 1e-5,
        "\(kernel.identity) \(rows)x\(outputs)x\(inputs)")
    }
  }

  @Test func refusesWhatItDoesNotHold() {
    let weights: [Float] = [1, 2, 3, 0, 0, 0, 0, 0]
    weights.withUnsafeBufferPointer { weights in
      for pattern in KeepPattern.allCases {
        let matrix = PatternMatrix(
          weights: weights, outputs: 1, inputs: 8, pattern: pattern, table: .for(.portable))
        #expect((matrix != nil) == (pattern.kept == 4), "\(pattern)")
      }
      #expect(KeepPattern.holding(weights, outputs: 1, inputs: 8)?.description == "4:8")
      #expect(KeepPattern.holding(weights, outputs: 2, inputs: 4)?.description == "4:8")
    }
  }
}
