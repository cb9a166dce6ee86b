import Compression
import GraphIR
import Recipes
import TensorCore
import Testing

/// Which channels go, and what is left behind.
@Suite struct ChannelCriteriaTests {
  private func channels(
    _ ratio: Double, _ method: PruningCriterion = .magnitude, _ allocation: PruningAllocation = .uniform
  ) -> LayerSettings {
    LayerSettings().with(\.prune, ratio).with(\.criterion, method).with(\.pattern, .channels).with(
      \.allocation, allocation)
  }

  /// Four neurons of two inputs, and a layer that reads them.
  private func fourNeurons(_ first: [Float], second: [Float] = [1, 1, 1, 1, 1, 1, 1, 1]) throws -> Model {
    var net = NetworkBuilder(seed: 6)
    net.weights["w"] = .dense(try Tensor(shape: [4, 2], first))
    net.node("a", "Gemm", ["x", "w"], ["transB": .int(1)])
    net.weights["v"] = .dense(try Tensor(shape: [4, 2], second))
    net.node("b", "Gemm", [net.value, "v"])
    return net.model(input: [8, 2])
  }

  @Test func normsDiffer() throws {
    // L1 norms 3, 2.2, 2.4, 2; L2 norms 3, 1.56, 1.70, 2.
    let model = try fourNeurons([3, 0, 1.1, 1.1, 1.2, 1.2, 0, 2])
    let compressor = Compressor(model: model)
    #expect(try compressor.compress(Recipe(model: channels(0.5))).model.floats("w") == [3, 0, 0, 2])
    #expect(
      try compressor.compress(Recipe(model: channels(0.5, .l1))).model.floats("w") == [3, 0, 1.2, 1.2])
  }

  @Test func theGeometricMedianIsWhatTheOthersStandFor() throws {
    // The second and third are in the middle of the others, though they are the largest.
    let model = try fourNeurons([0, 10, 10, 10.5, 10, 9.5, 20, 10])
    let compressed = try Compressor(model: model).compress(Recipe(model: channels(0.5, .geometricMedian)))
    #expect(compressed.model.floats("w") == [0, 10, 20, 10])
  }

  @Test func activationsAndVariancesComeFromTheData() throws {
    // The last neuron is small but its reader would miss it: only the data and the reader's weights tell.
    let model = try fourNeurons([5, 0, 4, 0, 3, 0, 0.5, 0], second: [0, 0.01, 1, 1, 1, 1, 90, 90])
    let calibration = TestCalibration([8, 2], batches: 6)
    let compressor = Compressor(model: model, activations: calibration)
    for method in [PruningCriterion.activation, .variance] {
      #expect(
        try compressor.compress(Recipe(model: channels(0.5, method))).model.floats("w") == [5, 0, 4, 0])
    }
    #expect(
      try compressor.compress(Recipe(model: channels(0.25, .wanda))).model.floats("w") == [
        4, 0, 3, 0, 0.5, 0,
      ])
    let blind = try Compressor(model: model).compress(Recipe(model: channels(0.5, .variance)))
    #expect(blind.layers[0].remarks == ["variance needs calibration data: judged by L2 norm"])
  }

  @Test func batchNormalizationsScaleTheirChannels() throws {
    var net = NetworkBuilder(seed: 6)
    net.conv("c", 3, 4)
    net.batchNormalization("bn", 4)
    net.weights["bn.scale"] = .dense(try Tensor(shape: [4], [0.1, -2, 3, 0.2] as [Float]))
    net.node("r", "Relu", [net.value])
    net.conv("d", 4, 2)
    let compressed = try Compressor(model: net.model(input: [1, 3, 5, 5])).compress(
      Recipe(model: channels(0.5, .batchNorm)))
    #expect(compressed.model.floats("bn.scale") == [-2, 3])
    #expect(compressed.layers[0].remarks == [])
    let without = try Compressor(model: smallMLP()).compress(Recipe(model: channels(0.5, .batchNorm)))
    #expect(without.layers[0].remarks == ["no batch normalization is behind it: judged by L2 norm"])
  }

  @Test(arguments: [ChannelAlignment.eight, .sixteen])
  func channelsStayInMultiples(multiple: ChannelAlignment) throws {
    for (hidden, ratio) in [(64, 0.3), (64, 0.9), (50, 0.5), (10, 0.5)] {
      var settings = channels(ratio)
      settings.alignment = multiple
      let compressed = try Compressor(model: smallMLP(30, hidden, 10)).compress(Recipe(model: settings))
      let kept = compressed.model.graph.initializers["f1.bias"]?.shape.count ?? 0
      let step = multiple == .eight ? 8 : 16
      let asked = hidden - Int((ratio * Double(hidden)).rounded())
      // The nearest multiple, of which there is at least one.
      #expect(kept % step == 0 || kept == hidden, "\(hidden) \(ratio)")
      #expect(abs(kept - asked) * 2 <= step || kept == min(step, hidden), "\(hidden) \(ratio)")
    }
  }

  @Test func globallyLayersOfSmallScoresGiveMore() throws {
    var net = NetworkBuilder(seed: 6)
    net.gemm("even", 20, 40)
    net.node("r", "Relu", [net.value])
    net.gemm("uneven", 40, 40)
    net.node("s", "Relu", [net.value])
    net.gemm("last", 40, 3)
    var model = net.model(input: [1, 20])
    // Thirty neurons that weigh next to nothing, beside ten large ones.
    let weights = model.floats("uneven.weight").enumerated().map {
      $0.offset / 40 < 30 ? $0.element / 100 : $0.element
    }
    model.graph.initializers["uneven.weight"] = .dense(try Tensor(shape: [40, 40], weights))
    let compressed = try Compressor(model: model).compress(
      Recipe(model: channels(0.375, .magnitude, .global)))
    #expect(compressed.model.graph.initializers["even.bias"]?.shape == [40])
    #expect(compressed.model.graph.initializers["uneven.bias"]?.shape == [10])
    #expect(compressed.layers[0].remarks == ["all its channels stay: those of other layers matter less"])
  }

  /// Of a narrow and a wide layer, Erdos-Renyi takes more of the wide one, by the densities it is defined by.
  @Test func shapesSayHowManyChannelsGo() throws {
    var net = NetworkBuilder(seed: 6)
    net.gemm("narrow", 10, 20)
    net.node("r", "Relu", [net.value])
    net.gemm("wide", 20, 80)
    net.node("s", "Relu", [net.value])
    net.gemm("last", 80, 3)
    let model = net.model(input: [1, 10])
    func kept(_ allocation: PruningAllocation) throws -> [Int] {
      let graph = try Compressor(model: model).compress(Recipe(model: channels(0.5, .magnitude, allocation)))
        .model.graph
      return ["narrow.bias", "wide.bias"].map { graph.initializers[$0]?.shape.count ?? 0 }
    }
    // Densities 30/200 and 100/1600 times one factor, so that 50 of 100 channels stay: 3 and 5 parts of 8.
    #expect(try kept(.erk) == [19, 31])
    #expect(try kept(.uniform) == [10, 40])
    for allocation in [PruningAllocation.lamp, .global] {
      #expect(try kept(allocation).reduce(0, +) == 50)
    }
  }

  /// LAMP weighs a channel against the larger ones of its layer: the last of each layer outlives all others.
  @Test func theLargestChannelOfALayerIsWorthMost() throws {
    var net = NetworkBuilder(seed: 6)
    net.gemm("small", 10, 8)
    net.node("r", "Relu", [net.value])
    net.gemm("large", 8, 8)
    net.node("s", "Relu", [net.value])
    net.gemm("last", 8, 3)
    var model = net.model(input: [1, 10])
    // Each neuron of "large" is more than any of "small", but they are alike.
    let small = (0..<80).map { Float($0 / 10 + 1) * 0.01 }
    model.graph.initializers["small.weight"] = .dense(try Tensor(shape: [8, 10], small))
    model.graph.initializers["large.weight"] = .dense(
      try Tensor(shape: [8, 8], [Float](repeating: 1, count: 64)))
    let graph = try Compressor(model: model).compress(Recipe(model: channels(0.5, .magnitude, .lamp))).model
      .graph
    // Squares 1, 4, ..., 64 over the sums of themselves and all larger ones, against 1/8, 1/7, ..., 1.
    var pooled: [(score: Double, layer: Int)] = []
    for n in 1...8 {
      let larger = (n...8).reduce(0) { $0 + $1 * $1 }
      pooled.append((Double(n * n) / Double(larger), 0))
      pooled.append((1 / Double(n), 1))
    }
    pooled.sort { $0.score < $1.score }
    let gone = pooled.prefix(8).count { $0.layer == 0 }
    #expect(graph.initializers["small.bias"]?.shape.count == 8 - gone)
    #expect(graph.initializers["large.bias"]?.shape.count == gone)
  }

  /// Removes channels that are constant, in layers of every form, and expects the same outputs.
  @Test func theMeanOfWhatWentIsMadeUpFor() throws {
    var net = NetworkBuilder(seed: 9)
    net.conv("c1", 2, 6, pad: 0)
    net.node("r1", "Relu", [net.value])
    net.conv("c2", 6, 8, pad: 0)
    net.node("r2", "Relu", [net.value])
    net.node("flat", "Flatten", [net.value])
    net.gemm("f1", 8 * 9, 12)
    net.node("r3", "Relu", [net.value])
    net.matMul("m", 12, 8, bias: false)
    net.node("r4", "Relu", [net.value])
    net.matMul("n", 8, 4)
    var model = net.model(input: [2, 2, 7, 7])
    for (layer, constant) in [("c1", [0, 3]), ("c2", [1, 2]), ("f1", [4, 5, 11])] {
      model = model.zeroing(constant, of: layer)
      let bias = model.floats("\(layer).bias").enumerated().map {
        constant.contains($0.offset) ? 0.7 : $0.element
      }
      model.graph.initializers["\(layer).bias"] = .dense(try Tensor(shape: [bias.count], bias))
    }
    let calibration = TestCalibration([2, 2, 7, 7], batches: 3)
    var settings = channels(0.25)
    settings.compensation = .mean
    var recipe = Recipe(model: settings)
    recipe.layers["m"] = LayerOverride()
    recipe.layers["m"]?.prune = 0
    let compressed = try Compressor(model: model, activations: calibration).compress(recipe)
    #expect(compressed.model.graph.initializers["c2.weight"]?.shape == [6, 4, 3, 3])
    #expect(compressed.model.graph.initializers["f1.weight"]?.shape == [9, 54])
    let (before, after) = (try model.run([2, 2, 7, 7]), try compressed.model.run([2, 2, 7, 7]))
    #expect(closeEnough(before.values.first!, after.values.first!))
    settings.compensation = .none
    recipe.model = settings
    let plain = try Compressor(model: model, activations: calibration).compress(recipe)
    #expect(!closeEnough(before.values.first!, try plain.model.run([2, 2, 7, 7]).values.first!))
  }
}
