import Compression
import GraphIR
import Recipes
import TensorCore
import Testing

@Suite struct LowRankTests {
  @Test("a weight's shape that is read besides is kept as a constant")
  func shapeOfTheWeight() throws {
    var net = NetworkBuilder(seed: 3)
    net.matMul("fc", 30, 20, bias: false)
    let product = net.value
    net.node("shape", "Shape", ["fc.weight"])
    let shape = net.value
    net.node("sum", "Cast", [shape], ["to": .int(1)])
    let model = net.model(input: [1, 30], outputs: [product, net.value])
    #expect(LayerCatalog(model.graph)["fc"]?.obstacle == nil)
    let graph = try Compressor(model: model).compress(
      Recipe(model: LayerSettings().with(\.rank, 0.25))
    ).model.graph
    #expect(graph.initializers["fc.weight"] == nil)
    #expect(graph.initializers[shape]?.tensor.integers == [30, 20])
  }

  /// Row-major [m, k] times [k, n].
  private func product(_ a: [Float], _ b: [Float], _ m: Int, _ k: Int, _ n: Int) -> [Float] {
    var c = [Float](repeating: 0, count: m * n)
    for i in 0..<m { for p in 0..<k { for j in 0..<n { c[i * n + j] += a[i * k + p] * b[p * n + j] } } }
    return c
  }

  private func squaredError(_ a: [Float], _ b: [Float]) -> Double {
    zip(a, b).reduce(0) { $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1) }
  }

  @Test func aMatrixOfKnownRankIsRecovered() throws {
    for seed in UInt64(1)...5 {
      var net = NetworkBuilder(seed: seed)
      let (m, n, rank) = (20 + Int(seed) * 3, 34 - Int(seed), 4)
      let left = net.normal([m, rank]).floats, right = net.normal([rank, n]).floats
      let weight = product(left, right, m, rank, n)
      for transposed in [false, true] {
        var net = net
        _ = net.constant("w", try Tensor(shape: Shape(known: [m, n]), weight))
        _ = net.constant("b", net.normal([transposed ? m : n]))
        net.node("fc", "Gemm", ["x", "w", "b"], ["transB": .int(transposed ? 1 : 0), "alpha": .float(0.5)])
        let model = net.model(input: [1, transposed ? n : m])
        var settings = LayerSettings()
        settings.rank = Double(rank) / Double(min(m, n))
        let graph = try Compressor(model: model).compress(Recipe(model: settings)).model.graph
        #expect(graph.nodes.map(\.name) == ["fc/rank0", "fc/rank1"])
        #expect(graph.nodes[0].inputs.count == 2)
        #expect(graph.nodes[1].inputs.last == "b")
        #expect(graph.nodes[0].float("alpha") == nil)
        #expect(graph.nodes[1].float("alpha") == 0.5)
        #expect(graph.initializers["w"] == nil)
        let first = graph.initializers[graph.nodes[0].inputs[1]]!.tensor
        let second = graph.initializers[graph.nodes[1].inputs[1]]!.tensor
        #expect(first.shape == Shape(known: transposed ? [rank, n] : [m, rank]))
        #expect(second.shape == Shape(known: transposed ? [m, rank] : [rank, n]))
        let whole =
          transposed
          ? product(second.floats, first.floats, m, rank, n)
          : product(first.floats, second.floats, m, rank, n)
        #expect(
          squaredError(whole, weight).squareRoot() < 1e-4
            * squaredError(weight, weight.map { _ in 0 }).squareRoot())
      }
    }
  }

  @Test func theErrorFallsAsTheRankRisesAndIsThatOfTheDiscardedSingularValues() throws {
    var net = NetworkBuilder(seed: 4)
    net.matMul("a", 40, 30, bias: false)
    let model = net.model(input: [1, 40])
    let compressor = Compressor(model: model)
    let weight = model.floats("a.weight")
    var errors: [Double] = []
    for rank in 1...17 {
      var settings = LayerSettings()
      settings.rank = Double(rank) / 30
      let graph = try compressor.compress(Recipe(model: settings)).model.graph
      guard graph.nodes.count == 2 else { continue }
      let whole = product(
        graph.initializers[graph.nodes[0].inputs[1]]!.tensor.floats,
        graph.initializers[graph.nodes[1].inputs[1]]!.tensor.floats, 40, rank, 30)
      errors.append(squaredError(whole, weight))
    }
    #expect(errors.count == 17)
    // The drop from one rank to the next is the square of the singular value that joined: descending and positive,
    // and all of them together with the last error are the squared norm of the weight.
    let drops = zip(errors, errors.dropFirst()).map { $0 - $1 }
    #expect(drops.allSatisfy { $0 > 0 })
    #expect(zip(drops, drops.dropFirst()).allSatisfy { $0 >= $1 * 0.9999 })
  }

  @Test func aConvolutionBecomesAWindowAndAOneByOne() throws {
    let compressor = Compressor(model: smallConvNet())
    var settings = LayerSettings()
    settings.rank = 0.25
    let compressed = try compressor.compress(Recipe(model: settings))
    let graph = compressed.model.graph
    let first = graph.nodes.first { $0.name == "c2/rank0" }
    let second = graph.nodes.first { $0.name == "c2/rank1" }
    #expect(graph.initializers[first?.inputs[1] ?? ""]?.shape == [3, 8, 3, 3])
    #expect(graph.initializers[second?.inputs[1] ?? ""]?.shape == [12, 3, 1, 1])
    #expect(first?.ints("pads") == [1, 1, 1, 1])
    #expect(second?.ints("pads") == nil)
    #expect(second?.inputs[2] == "c2.bias")
    #expect(compressed.layers[1].nodes == ["c2/rank0", "c2/rank1"])
    #expect(compressed.layers[1].size.parameters == 3 * 72 + 12 * 3)
    #expect(compressed.layers[1].size.bytes == 4 * (3 * 72 + 12 * 3 + 12))
    _ = try graph.sorted()
  }

  @Test func aRankThatSavesNothingLeavesTheLayerAndSaysSo() throws {
    var settings = LayerSettings()
    settings.rank = 0.8
    let model = smallMLP(84, 84, 84)
    let compressed = try Compressor(model: model).compress(Recipe(model: settings))
    #expect(compressed.layers[0].remarks == ["rank 67 of 84 saves nothing at 84x84"])
    #expect(compressed.layers[0].nodes == ["f1"])
    #expect(compressed.model.graph.text == model.graph.text)
  }

  @Test func aGroupedConvolutionIsNotFactorized() throws {
    var net = NetworkBuilder(seed: 4)
    net.conv("c", 8, 8, group: 4)
    var settings = LayerSettings()
    settings.rank = 0.2
    let compressed = try Compressor(model: net.model(input: [1, 8, 5, 5])).compress(Recipe(model: settings))
    #expect(
      compressed.layers[0].remarks == ["a grouped convolution is not factorized: rank has no effect here"])
  }

  @Test func layersThatShareAWeightShareItsFactors() throws {
    var net = NetworkBuilder(seed: 3)
    let weight = net.constant("w", net.normal([16, 16]))
    net.node("a", "MatMul", ["x", weight])
    net.node("b", "MatMul", [net.value, weight])
    var recipe = Recipe()
    recipe.model.rank = 0.25
    recipe.layers["b"] = LayerOverride()
    recipe.layers["b"]?.rank = 0.5
    let compressed = try Compressor(model: net.model(input: [1, 16])).compress(recipe)
    #expect(compressed.model.graph.initializers.count == 2)
    #expect(compressed.model.graph.nodes.map(\.name) == ["a/rank0", "a/rank1", "b/rank0", "b/rank1"])
    #expect(compressed.layers[1].remarks == ["shares its weight with a, whose settings apply"])
  }

  @Test func nonFiniteWeightsAreRefusedBeforeAnythingIsDone() throws {
    for bad in [Float.nan, .infinity] {
      var net = NetworkBuilder(seed: 3)
      var values = net.normal([6, 6]).floats
      values[7] = bad
      let weight = net.constant("w", try Tensor(shape: [6, 6], values))
      net.node("a", "MatMul", ["x", weight])
      let compressor = Compressor(model: net.model(input: [1, 6]))
      var settings = LayerSettings()
      settings.rank = 0.3
      #expect(throws: CompressionError.nonFiniteWeight(layer: "a", weight: "w")) {
        try compressor.compress(Recipe(model: settings))
      }
      #expect(throws: Never.self) { try compressor.compress(.identity) }
    }
  }
}
