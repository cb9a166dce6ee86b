import Compression
import GraphIR
import Recipes
import TensorCore
import Testing

@Suite struct CompressorTests {
  private func contents(_ model: Model) -> [String: [Float]] {
    model.graph.initializers.mapValues { $0.tensor.floats }
  }

  @Test func theIdentityLeavesTheModelAsItIs() throws {
    let model = smallConvNet()
    let compressed = try Compressor(model: model).compress(.identity)
    #expect(compressed.model.graph.text == model.graph.text)
    #expect(contents(compressed.model) == contents(model))
    #expect(compressed.layers.map(\.name) == ["c1", "c2", "f1", "f2"])
    for layer in compressed.layers {
      #expect(layer.nodes == [layer.name])
      #expect(layer.remarks == [])
      #expect(layer.size.bytes == layer.size.originalBytes)
    }
    #expect(compressed.size.bytes == compressed.size.originalBytes)
  }

  @Test func whatIsKeptEqualsWhatIsMadeAnew() throws {
    let model = smallConvNet()
    let warm = Compressor(model: model)
    var random = SeededGenerator(seed: 21)
    for _ in 0..<40 {
      var settings = LayerSettings().with(\.prune, [0, 0.3, 0.8].randomElement(using: &random)!).with(
        \.criterion, PruningCriterion.allCases.randomElement(using: &random)!
      ).with(\.weightBits, WeightPrecision.allCases.randomElement(using: &random)!)
      settings.rank = [1, 0.5, 0.2].randomElement(using: &random)!
      settings.granularity = .allCases.randomElement(using: &random)!
      settings.symmetry = .allCases.randomElement(using: &random)!
      var recipe = Recipe(model: settings)
      if Bool.random(using: &random) {
        recipe.layers["f1"] = LayerOverride()
        recipe.layers["f1"]?.weightBits = WeightPrecision.allCases.randomElement(using: &random)!
        recipe.layers["f1"]?.prune = 0.5
      }
      let cold = try Compressor(model: model).compress(recipe)
      let kept = try warm.compress(recipe)
      #expect(kept.model.graph.text == cold.model.graph.text)
      #expect(contents(kept.model) == contents(cold.model))
      #expect(kept.layers == cold.layers)
      #expect(kept.size == cold.size)
    }
  }

  @Test func unknownLayersAreNamedWithSimilarOnes() throws {
    var recipe = Recipe()
    recipe.layers["F1"] = LayerOverride()
    #expect(throws: RecipeError.unknownLayer(name: "F1", close: ["f1", "c1", "f2"])) {
      try Compressor(model: smallConvNet()).compress(recipe)
    }
    recipe.layers = ["something/else": LayerOverride()]
    #expect(throws: RecipeError.unknownLayer(name: "something/else", close: [])) {
      try Compressor(model: smallConvNet()).compress(recipe)
    }
  }

  @Test(arguments: [-0.1, 1.01, .nan, .infinity])
  func numbersOutOfRangeAreRefused(number: Double) throws {
    #expect(throws: RecipeError.self) {
      _ = try Compressor(model: smallMLP()).compress(Recipe(model: LayerSettings().with(\.prune, number)))
    }
    var recipe = Recipe()
    recipe.layers["f1"] = LayerOverride()
    recipe.layers["f1"]?.rank = number
    #expect(throws: RecipeError.self) { _ = try Compressor(model: smallMLP()).compress(recipe) }
  }

  @Test func aCancelledTaskStops() async throws {
    let compressor = Compressor(model: smallConvNet())
    let task = Task {
      while !Task.isCancelled { await Task.yield() }
      return try compressor.compress(Recipe(model: LayerSettings().with(\.prune, 0.5)))
    }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
  }

  @Test func manyTasksMayCompressAtOnce() async throws {
    let compressor = Compressor(model: smallConvNet())
    let expected = try compressor.compress(Recipe(model: LayerSettings().with(\.prune, 0.5))).size
    await withTaskGroup(of: ModelSize?.self) { group in
      for index in 0..<24 {
        group.addTask {
          try? compressor.compress(Recipe(model: LayerSettings().with(\.prune, index % 2 == 0 ? 0.5 : 0.6)))
            .size
        }
      }
      var equal = 0
      for await size in group where size == expected { equal += 1 }
      #expect(equal == 12)
    }
  }
}
