import Compression
import GraphIR
import Recipes
import TensorCore
import Testing

@Suite struct StructuredPruningTests {
  private func structured(_ ratio: Double) -> Recipe {
    Recipe(
      model: LayerSettings().with(\.prune, ratio).with(\.pattern, .channels).with(\.allocation, .uniform))
  }

  /// Prunes away exactly the channels that were made zero, and expects the same outputs from smaller tensors.
  private func expectSameFunction(
    _ model: Model, zeroed: [String: [Int]], ratio: Double, input: [Int], shapes: [String: [Int]],
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let original = zeroed.reduce(model) { $0.zeroing($1.value, of: $1.key) }
    let compressed = try Compressor(model: original).compress(structured(ratio))
    for (name, shape) in shapes {
      #expect(
        compressed.model.graph.initializers[name]?.shape.dimensions == shape, "\(name)",
        sourceLocation: sourceLocation)
    }
    let before = try original.run(input)
    let after = try compressed.model.run(input)
    #expect(before.keys == after.keys)
    for (name, values) in before {
      #expect(after[name].map { closeEnough(values, $0) } == true, "\(name)", sourceLocation: sourceLocation)
    }
    #expect(compressed.size.bytes == compressed.storedBytes.count)
    #expect(compressed.size.bytes < compressed.size.originalBytes)
  }

  @Test func chainsOfConvolutionsAndFlatten() throws {
    try expectSameFunction(
      smallConvNet(), zeroed: ["c1": [0, 5], "c2": [2, 3, 11], "f1": [1, 4, 9, 18, 19]], ratio: 0.25,
      input: [1, 3, 6, 6],
      shapes: [
        "c1.weight": [6, 3, 3, 3], "c1.bias": [6], "c2.weight": [9, 6, 3, 3], "f1.weight": [15, 9 * 36],
        "f1.bias": [15], "f2.weight": [5, 15], "f2.bias": [5],
      ])
  }

  @Test(arguments: [[-1, 432], [0, -1], [1, 432], [1, -1]])
  func reshapesThatFlatten(target: [Int]) throws {
    var net = NetworkBuilder(seed: 1)
    net.conv("c1", 3, 12)
    net.node("r1", "Relu", [net.value])
    net.weights["shape"] = .dense(try Tensor(shape: [2], target.map { Int64($0) }))
    net.node("flat", "Reshape", [net.value, "shape"])
    net.gemm("f1", 432, 8, transposed: false)
    let weight = net.model(input: [1, 3, 6, 6])
    try expectSameFunction(
      weight, zeroed: ["c1": [0, 7, 11]], ratio: 0.25, input: [1, 3, 6, 6],
      shapes: ["c1.weight": [9, 3, 3, 3], "f1.weight": [324, 8]])
  }

  @Test func perceptronsInBothOrientations() throws {
    try expectSameFunction(
      smallMLP(), zeroed: ["f1": [0, 1, 2, 20, 21, 23]], ratio: 0.25, input: [1, 30],
      shapes: ["f1.weight": [18, 30], "f2.weight": [18, 10]])
  }

  @Test func depthwiseFiltersAndNormalizationsFollow() throws {
    var net = NetworkBuilder(seed: 6)
    net.conv("c1", 3, 8)
    net.batchNormalization("bn1", 8)
    net.node("clip", "Relu", [net.value])
    net.conv("dw", 8, 8, group: 8)
    net.batchNormalization("bn2", 8)
    net.node("r2", "Relu", [net.value])
    net.conv("pw", 8, 16, 1, pad: 0)
    net.batchNormalization("bn3", 16)
    net.node("r3", "Relu", [net.value])
    net.node("pool", "GlobalAveragePool", [net.value])
    net.node("flat", "Flatten", [net.value])
    net.gemm("fc", 16, 4)
    var model = net.model(input: [1, 3, 8, 8])
    for (bn, channels) in [("bn1", [1, 6]), ("bn2", [1, 6]), ("bn3", [0, 3, 9, 15])] {
      for part in ["bias", "mean"] { model = model.zeroingConstant("\(bn).\(part)", channels) }
    }
    model = model.zeroing([1, 6], of: "dw")
    try expectSameFunction(
      model, zeroed: ["c1": [1, 6], "pw": [0, 3, 9, 15]], ratio: 0.25, input: [1, 3, 8, 8],
      shapes: [
        "c1.weight": [6, 3, 3, 3], "bn1.scale": [6], "bn1.variance": [6], "dw.weight": [6, 1, 3, 3],
        "dw.bias": [6], "pw.weight": [12, 6, 1, 1], "bn3.mean": [12], "fc.weight": [4, 12],
      ])
    let compressed = try Compressor(model: model).compress(structured(0.25))
    #expect(compressed.model.graph.nodes.first { $0.name == "dw" }?.int("group") == 6)
    #expect(compressed.layers[1].remarks == [])
  }

  @Test func residualsLoseTheSameFilters() throws {
    var net = NetworkBuilder(seed: 6)
    net.conv("c1", 3, 8)
    let first = net.node("r1", "Relu", [net.value])
    net.conv("c2", 8, 6)
    net.node("r2", "Relu", [net.value])
    net.conv("c3", 6, 8)
    net.node("sum", "Add", [net.value, first])
    net.node("r3", "Relu", [net.value])
    net.node("pool", "MaxPool", [net.value], ["kernel_shape": .ints([2, 2]), "strides": .ints([2, 2])])
    net.conv("c4", 8, 4)
    let model = net.model(input: [1, 3, 8, 8])
    try expectSameFunction(
      model, zeroed: ["c1": [2, 3, 4, 7], "c3": [2, 3, 4, 7], "c2": [0, 1, 2]], ratio: 0.5,
      input: [1, 3, 8, 8],
      shapes: [
        "c1.weight": [4, 3, 3, 3], "c2.weight": [3, 4, 3, 3], "c3.weight": [4, 3, 3, 3], "c3.bias": [4],
        "c4.weight": [4, 4, 3, 3],
      ])
    var recipe = structured(0.5)
    recipe.layers["c1"] = LayerOverride()
    recipe.layers["c1"]?.prune = 0.25
    let compressed = try Compressor(model: model).compress(recipe)
    #expect(compressed.model.graph.initializers["c3.weight"]?.shape == [6, 3, 3, 3])
    #expect(compressed.layers[2].remarks == ["its outputs go with those of c1: both lose only 25 %"])
    #expect(compressed.layers[3].remarks == ["is an output of the model"])
  }

  @Test func croppedImagesKeepTheirChannels() throws {
    var net = NetworkBuilder(seed: 7)
    net.conv("a", 3, 4)
    net.node("crop", "Crop", [net.value], ["border": .ints([1, 0, 2, 1])])
    net.conv("b", 4, 4)
    try expectSameFunction(
      net.model(input: [1, 3, 6, 8]), zeroed: ["a": [2]], ratio: 0.25, input: [1, 3, 6, 8],
      shapes: ["a.weight": [3, 3, 3, 3], "b.weight": [4, 3, 3, 3]])
  }

  @Test func concatenationsKeepTheirOffsets() throws {
    var net = NetworkBuilder(seed: 6)
    net.conv("a", 3, 4)
    let left = net.node("ra", "Relu", [net.value])
    net.value = "x"
    net.conv("b", 3, 8)
    let right = net.node("rb", "Relu", [net.value])
    net.node("cat", "Concat", [left, "x", right], ["axis": .int(1)])
    net.conv("c", 15, 4)
    net.node("flat", "Flatten", [net.value])
    net.gemm("fc", 4 * 36, 3)
    try expectSameFunction(
      net.model(input: [1, 3, 6, 6]), zeroed: ["a": [3], "b": [0, 6], "c": [1]], ratio: 0.25,
      input: [1, 3, 6, 6],
      shapes: [
        "a.weight": [3, 3, 3, 3], "b.weight": [6, 3, 3, 3], "c.weight": [3, 12, 3, 3], "fc.weight": [3, 108],
      ])
  }

  @Test func hiddenNeuronsOfATransformerBlockAndTransposedChannels() throws {
    var net = NetworkBuilder(seed: 6)
    let skip = net.value
    net.matMul("up", 6, 16)
    let hidden = net.value
    // Gelu as exporters write it: x * (erf(x / sqrt 2) + 1) * 0.5.
    net.node("div", "Div", [hidden, net.constant("root2", Tensor(scalar: Float(2).squareRoot()))])
    net.node("erf", "Erf", [net.value])
    net.node("one", "Add", [net.value, net.constant("1", Tensor(scalar: Float(1)))])
    net.node("mul", "Mul", [hidden, net.value])
    net.node("half", "Mul", [net.value, net.constant("0.5", Tensor(scalar: Float(0.5)))])
    net.matMul("down", 16, 6)
    net.node("sum", "Add", [net.value, skip])
    let model = net.model(input: [2, 5, 6])
    try expectSameFunction(
      model, zeroed: ["up": [0, 8, 15, 3]], ratio: 0.25, input: [2, 5, 6],
      shapes: ["up.weight": [6, 12], "up.bias": [12], "down.weight": [12, 6], "down.bias": [6]])
    let compressed = try Compressor(model: model).compress(structured(0.25))
    #expect(compressed.layers[0].remarks == [])
    #expect(compressed.layers[1].remarks == ["is combined by sum with a value that no layer makes"])

    var image = NetworkBuilder(seed: 7)
    image.conv("c", 3, 8)
    image.node("t", "Transpose", [image.value], ["perm": .ints([0, 2, 3, 1])])
    image.matMul("m", 8, 8)
    image.node("mean", "ReduceMean", [image.value], ["axes": .ints([1, 2]), "keepdims": .int(0)])
    image.gemm("fc", 8, 3)
    try expectSameFunction(
      image.model(input: [1, 3, 4, 4]), zeroed: ["c": [1, 2], "m": [0, 7]], ratio: 0.25, input: [1, 3, 4, 4],
      shapes: ["c.weight": [6, 3, 3, 3], "m.weight": [6, 6], "m.bias": [6], "fc.weight": [3, 6]])
  }

  @Test func theSmallestNormsGoAndAtLeastOneStays() throws {
    var net = NetworkBuilder(seed: 6)
    net.weights["w"] = .dense(try Tensor(shape: [4, 2], [3, 0, 0.5, 0.5, -2, 2, 0, 1] as [Float]))
    net.node("a", "Gemm", ["x", "w"], ["transB": .int(1)])
    net.gemm("b", 4, 2)
    let compressor = Compressor(model: net.model(input: [1, 2]))
    let half = try compressor.compress(structured(0.5))
    #expect(half.model.floats("w") == [3, 0, -2, 2])
    let most = try compressor.compress(structured(0.99))
    #expect(most.model.floats("w") == [3, 0])
    // One neuron of two weights, one of which is zero: a mask and a number.
    #expect(most.layers[0].size.bytes == 5)
    let few = try compressor.compress(structured(0.1))
    #expect(few.layers[0].remarks == ["4 outputs are too few to remove any at this ratio"])
    #expect(few.model.graph.text == compressor.model.graph.text)
  }

  @Test func whatIsNotUnderstoodIsLeftAndSaid() throws {
    var net = NetworkBuilder(seed: 6)
    net.matMul("q", 8, 8)
    net.weights["heads"] = .dense(try Tensor(shape: [4], [0, 0, 2, 4] as [Int64]))
    let query = net.node("split", "Reshape", [net.value, "heads"])
    net.value = "x"
    net.matMul("s", 8, 8)
    let soft = net.node("soft", "Softmax", [net.value])
    net.value = "x"
    net.matMul("n", 8, 8)
    net.node("centre", "ReduceMean", [net.value], ["axes": .ints([-1])])
    let model = net.model(input: [1, 3, 8], outputs: [query, soft, net.value])
    let compressed = try Compressor(model: model).compress(structured(0.5))
    #expect(compressed.model.graph.text == model.graph.text)
    #expect(
      compressed.layers.map(\.remarks) == [
        ["is an output of the model"],
        ["feeds a Softmax; its channels cannot be removed alone"],
        ["feeds a ReduceMean over its channels; they cannot be removed alone"],
      ])
  }

  @Test func groupedAndSharedLayersAreLeft() throws {
    var net = NetworkBuilder(seed: 6)
    net.conv("a", 3, 8)
    net.conv("g", 8, 8, group: 2)
    net.conv("d", 8, 8, group: 8)
    let model = net.model(input: [1, 3, 5, 5])
    let compressed = try Compressor(model: model).compress(structured(0.5))
    #expect(
      compressed.layers.map(\.remarks) == [
        ["is an output of the model"], ["is an output of the model"],
        ["its filters go with those of a, g, which keeps all"],
      ])
    var shared = NetworkBuilder(seed: 3)
    let weight = shared.constant("w", shared.normal([6, 6]))
    shared.matMul("first", 6, 6)
    shared.node("a", "MatMul", [shared.value, weight])
    shared.node("b", "MatMul", [shared.value, weight])
    let left = try Compressor(model: shared.model(input: [1, 6])).compress(structured(0.5))
    #expect(
      left.layers.map(\.remarks) == [
        ["feeds a, which shares its weight with b"], ["shares its weight with b"],
        ["shares its weight with a"],
      ])
  }

  @Test func depthwiseFiltersAloneCannotGo() throws {
    var net = NetworkBuilder(seed: 6)
    net.conv("a", 3, 8)
    net.conv("dw", 8, 8, group: 8)
    net.conv("b", 8, 4)
    var recipe = Recipe()
    recipe.layers["dw"] = LayerOverride()
    recipe.layers["dw"]?.prune = 0.5
    recipe.layers["dw"]?.pattern = .channels
    let compressed = try Compressor(model: net.model(input: [1, 3, 5, 5])).compress(recipe)
    #expect(compressed.layers[1].remarks == ["its filters go with those of a, which keeps all"])
  }

  @Test func everyMethodAfterItWorksOnWhatIsLeft() throws {
    let compressor = Compressor(model: smallConvNet())
    for weights in WeightPrecision.allCases {
      for rank in [1, 0.3] {
        var recipe = Recipe(
          model: LayerSettings().with(\.prune, 0.5).with(\.pattern, .channels).with(\.weightBits, weights))
        recipe.model.rank = rank
        recipe.layers["f1"] = LayerOverride()
        recipe.layers["f1"]?.pattern = .weights
        let compressed = try compressor.compress(recipe)
        #expect(compressed.size.bytes == compressed.storedBytes.count)
        // The reference runner takes no float16 weights.
        guard weights != .float16 else { continue }
        let outputs = try compressed.model.run([1, 3, 6, 6])
        #expect(outputs.values.first?.shape == [1, 5])
      }
    }
  }

  @Test func quantizedOriginalsAreSlicedWithTheirScales() throws {
    var net = NetworkBuilder(seed: 2)
    net.gemm("a", 4, 8)
    net.node("r", "Relu", [net.value])
    net.gemm("b", 8, 3, transposed: false)
    let coded = try Compressor(model: net.model(input: [1, 4])).compress(
      Recipe(model: LayerSettings().with(\.weightBits, .quantized(.int8))))
    let model = coded.model.zeroing([1, 2, 5, 6], of: "a")
    let compressed = try Compressor(model: model).compress(structured(0.5))
    guard case .quantized(let tensor) = compressed.model.graph.initializers["a.weight"] else {
      Issue.record("the codes are gone")
      return
    }
    #expect(tensor.shape == [4, 4])
    #expect(tensor.scales.count == 4)
    let before = try model.run([1, 4])
    let after = try compressed.model.run([1, 4])
    #expect(before.values.first.map { closeEnough($0, after.values.first!) } == true)
  }

  @Test func halfPrecisionWeightsShrinkToo() throws {
    let half = try Compressor(model: smallConvNet()).compress(
      Recipe(model: LayerSettings().with(\.weightBits, .float16)))
    let compressed = try Compressor(model: half.model).compress(structured(0.5))
    #expect(compressed.model.graph.initializers["c2.weight"]?.shape == [6, 4, 3, 3])
    #expect(compressed.model.graph.initializers["c2.weight"]?.dataType == .float16)
  }
}
