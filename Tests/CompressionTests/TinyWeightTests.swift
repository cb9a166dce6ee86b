import Compression
import GraphIR
import Recipes
import TensorCore
import Testing

/// Rows of zeros, and of the smallest numbers there are.
@Suite struct TinyWeightTests {
  private static let rows: [Float] = [
    0, .leastNonzeroMagnitude, .leastNormalMagnitude / 128, 1.2e-38, 2e-38, 1e-37, 1e-36, 1e-30, 1,
  ]

  /// One row of weights for each magnitude.
  private var model: Model {
    var net = NetworkBuilder(seed: 3)
    let normal = net.normal([Self.rows.count, 16]).floats
    let values = normal.indices.map { normal[$0] * Self.rows[$0 / 16] }
    let weight = net.constant("w", try! Tensor(shape: [Self.rows.count, 16], values))
    net.node("f", "Gemm", [net.value, weight], ["transB": .int(1)])
    return net.model(input: [1, 16])
  }

  @Test(arguments: WeightBits.allCases, RangeMethod.allCases)
  func codesStayNear(bits: WeightBits, range: RangeMethod) throws {
    let model = model
    let exact = model.floats("w")
    for symmetry in CodeSymmetry.allCases {
      for rounding in [RoundingMethod.nearest, .gptq] {
        let settings = LayerSettings().with(\.weightBits, .quantized(bits)).with(\.range, range).with(
          \.symmetry, symmetry
        ).with(\.rounding, rounding)
        let compressor = Compressor(model: model, activations: TestCalibration([32, 16]))
        let coded = try compressor.compress(Recipe(model: settings)).model.floats("w")
        for (row, magnitude) in Self.rows.enumerated() {
          let largest = exact[row * 16..<(row + 1) * 16].reduce(0) { max($0, $1.magnitude) }
          for index in row * 16..<(row + 1) * 16 {
            // What is about zero stays about zero.
            let bound = 2 * largest + 1e-35
            #expect((coded[index] - exact[index]).magnitude <= bound, "\(bits) \(range.label) \(magnitude)")
          }
        }
      }
    }
  }

  @Test(arguments: RangeMethod.allCases) func tinyActivationsHaveRanges(range: RangeMethod) throws {
    for scale in [Float.leastNonzeroMagnitude, .leastNormalMagnitude, 1e-36, 1e-30] {
      let compressor = Compressor(model: smallMLP(), activations: TestCalibration([8, 30], scale: scale))
      let settings = LayerSettings().with(\.weightBits, .quantized(.int8)).with(\.activationBits, .int8)
      let graph = try compressor.compress(Recipe(model: settings.with(\.range, range))).model.graph
      let scales = graph.nodes.filter { $0.kind == "QuantizeLinear" }.compactMap {
        graph.initializers[$0.inputs[1]]?.tensor.floats[0]
      }
      #expect(scales.count == 2 && scales.allSatisfy { $0.isNormal })
    }
  }
}
