import Compression
import Foundation
import GraphIR
import Recipes
import TensorCore
import Testing

/// Ranges that follow from how values are distributed.
@Suite struct RangeTests {
  /// The published factors (Banner et al. 2019, arXiv:1810.05723, section 3 and its tables), two to the power of
  /// the bits less one steps on either side.
  @Test func analyticalFactorsAreThePublishedOnes() {
    for (bits, laplace, normal) in [(2, 2.83, 1.71), (3, 3.89, 2.15), (4, 5.03, 2.55)] {
      let steps = Double(1 << (bits - 1))
      #expect(abs(AnalyticalClipping.laplace(steps: steps) - laplace) < 0.01)
      #expect(abs(AnalyticalClipping.normal(steps: steps) - normal) < 0.01)
    }
  }

  /// Values that lie as those of a distribution do, by its quantiles.
  private func values(_ quantile: (Double) -> Double) -> [Float] {
    (0..<4000).map { Float(quantile((Double($0) + 0.5) / 4000)) }
  }

  private var laplace: [Float] {
    values { share in share < 0.5 ? log(2 * share) : -log(2 - 2 * share) }
  }

  private var normal: [Float] {
    var random = SeededGenerator(seed: 5)
    return (0..<4000).map { _ in random.normal() }
  }

  private func tensor(_ values: [Float], _ settings: LayerSettings) throws -> QuantizedTensor {
    var net = NetworkBuilder(seed: 1)
    let weight = net.constant("w", try Tensor(shape: [4, 1000], values))
    net.node("a", "Gemm", ["x", weight], ["transB": .int(1)])
    let compressed = try Compressor(model: net.model(input: [1, 1000])).compress(Recipe(model: settings))
    guard case .quantized(let found)? = compressed.model.graph.initializers["w"] else {
      throw RecipeError.unknownLayer(name: "w", close: [])
    }
    return found
  }

  private func settings(_ bits: WeightBits, _ range: RangeMethod) -> LayerSettings {
    LayerSettings().with(\.weightBits, .quantized(bits)).with(\.granularity, .perTensor).with(\.range, range)
  }

  /// It tells the distributions apart, and zeros that pruning left do not change what it finds.
  @Test func theNearerDistributionSaysWhereToClip() throws {
    let (scale, sigma) = (
      laplace.reduce(0) { $0 + $1.magnitude } / 4000,
      (normal.reduce(0) { $0 + $1 * $1 } / 4000).squareRoot()
    )
    let codes = Float(7)
    let wide = try tensor(laplace, settings(.int4, .analytical)).scales[0] * codes
    #expect(abs(wide / scale - Float(AnalyticalClipping.laplace(steps: 7))) < 0.01)
    let narrow = try tensor(normal, settings(.int4, .analytical)).scales[0] * codes
    #expect(abs(narrow / sigma - Float(AnalyticalClipping.normal(steps: 7))) < 0.01)
    let sparse = laplace.enumerated().map { $0.offset % 2 == 0 ? 0 : $0.element }
    let pruned = try tensor(sparse, settings(.int4, .analytical)).scales[0] * codes
    #expect(abs(pruned / wide - 1) < 0.02)
  }

  /// Close to the range found by trying, and better than all values at few bits.
  @Test(arguments: [WeightBits.int4, .int3], CodeSymmetry.allCases)
  func theErrorIsNearTheLeast(bits: WeightBits, symmetry: CodeSymmetry) throws {
    for values in [laplace, normal] {
      func error(_ range: RangeMethod) throws -> Double {
        let found = try tensor(values, settings(bits, range).with(\.symmetry, symmetry)).dequantized().floats
        return zip(found, values).reduce(0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) }
      }
      let (all, best, analytical) = (try error(.minMax), try error(.meanSquare), try error(.analytical))
      #expect(analytical < 0.9 * all && analytical < 1.15 * best, "\(all) \(best) \(analytical)")
    }
  }

  @Test func otherNumbersSpanAllValuesAndSaySo() throws {
    var net = NetworkBuilder(seed: 1)
    let weight = net.constant("w", try Tensor(shape: [4, 1000], laplace))
    net.node("a", "Gemm", ["x", weight], ["transB": .int(1)])
    let compressor = Compressor(model: net.model(input: [1, 1000]))
    let float = settings(.int4, .analytical).with(\.numberFormat, .normalFloat)
    let found = try compressor.compress(Recipe(model: float))
    #expect(found.layers[0].remarks == ["aciq is about integers: other numbers span all values"])
    let plain = try compressor.compress(Recipe(model: float.with(\.range, .minMax)))
    #expect(found.model.floats("w") == plain.model.floats("w"))
  }

  /// What a layer reads behind a Relu is on one side: the codes are all there.
  @Test func activationsOnOneSideHaveAllCodesThere() throws {
    let calibration = TestCalibration([64, 30])
    let model = smallMLP()
    let recipe = Recipe(
      model: LayerSettings().with(\.weightBits, .quantized(.int8)).with(\.activationBits, .int4).with(
        \.range, .analytical))
    let graph = try Compressor(model: model, activations: calibration).compress(recipe).model.graph
    for (value, sides) in [("x", 2.0), ("r1:0", 1.0)] {
      let quantize = try #require(
        graph.nodes.first { $0.kind == "QuantizeLinear" && $0.name.hasPrefix(value + "/") })
      let scale = Double(try #require(graph.initializers[quantize.inputs[1]]).tensor.floats[0])
      let seen = try calibration.values(of: model)[value]!.flatMap(\.floats).map { Double($0.magnitude) }
        .filter { $0 > 0 }
      let mean = seen.reduce(0, +) / Double(seen.count)
      let square = (seen.reduce(0) { $0 + $1 * $1 } / Double(seen.count)).squareRoot()
      let steps = 15 / sides
      let expected =
        mean / square > 0.7525
        ? square * AnalyticalClipping.normal(steps: steps) : mean * AnalyticalClipping.laplace(steps: steps)
      let most = try #require(seen.max())
      #expect(abs(scale * steps / min(expected, most) - 1) < 0.01, "\(value)")
    }
  }
}
