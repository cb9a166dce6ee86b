import Compression
import GraphIR
import Recipes
import TensorCore
import Testing

/// What a compressor keeps of one recipe must not be given out for another: a setting that changes a result is a part of
/// what the result is kept under.
@Suite struct KeptResultTests {
  private static let bases: [LayerSettings] = [
    LayerSettings().with(\.prune, 0.5).with(\.criterion, .sparseGPT).with(\.allocation, .uniform),
    LayerSettings().with(\.prune, 0.5).with(\.pattern, .channels).with(\.compensation, .mean),
    LayerSettings().with(\.weightBits, .quantized(.int3)).with(\.rounding, .gptq).with(
      \.granularity, .group32),
    LayerSettings().with(\.weightBits, .quantized(.int4)).with(\.equalization, .awq).with(
      \.activationBits, .int8),
    LayerSettings().with(\.rank, 0.4).with(\.factorization, .activationSVD).with(\.residual, 0.05),
  ]

  private static func values(of setting: Setting) -> [SettingValue] {
    if let options = setting.options { return options.map { .word($0.label) } }
    guard let range = setting.range else { return [] }
    return [range.lowerBound, (range.lowerBound + range.upperBound) / 2, range.upperBound].map { .number($0) }
  }

  @Test("one compressor in turn gives what a new one gives", arguments: bases)
  func keptResultsAreThoseOfTheRecipe(base: LayerSettings) throws {
    let model = smallConvNet(seed: 4)
    let calibration = TestCalibration([6, 3, 6, 6])
    let compressor = Compressor(model: model, activations: calibration)
    _ = try compressor.compress(Recipe(model: base))
    for setting in Setting.allCases {
      for value in Self.values(of: setting) {
        var settings = base
        try setting.set(value, in: &settings)
        let recipe = Recipe(model: settings)
        let kept = try compressor.compress(recipe)
        let fresh = try Compressor(model: model, activations: calibration).compress(recipe)
        #expect(kept.model.graph.nodes.map(\.name) == fresh.model.graph.nodes.map(\.name), "\(setting.key)")
        #expect(kept.storedBytes == fresh.storedBytes, "\(setting.key) \(value)")
      }
    }
  }

  /// Each layer depends on all in front of it, which must not double the work with every layer.
  @Test(
    "a deep model takes no more time a layer",
    .timeLimit(.minutes(1)),
    arguments: [
      LayerSettings().with(\.weightBits, .quantized(.int4)).with(\.rounding, .adaRound),
      LayerSettings().with(\.prune, 0.5).with(\.criterion, .sparseGPT).with(\.rank, 0.5).with(
        \.factorization, .activationSVD
      ).with(\.weightBits, .quantized(.int4)).with(\.rounding, .gptq),
    ])
  func deepModelsEnd(settings: LayerSettings) throws {
    var net = NetworkBuilder(seed: 8)
    let layers = 40
    for index in 0..<layers { net.gemm("f\(index)", 4, 4) }
    let model = net.model(input: [1, 4])
    let compressed = try Compressor(model: model, activations: TestCalibration([8, 4])).compress(
      Recipe(model: settings))
    #expect(compressed.layers.count == layers)
  }
}
