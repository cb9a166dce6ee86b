import Compression
import GraphIR
import Recipes
import TensorCore
import Testing

/// What has to go together: groups, heads, normalizations, branches.
@Suite struct DependencyTests {
  private func settings(_ pattern: PruningPattern, _ ratio: Double, _ method: PruningCriterion = .magnitude)
    -> Recipe
  {
    Recipe(
      model: LayerSettings().with(\.prune, ratio).with(\.criterion, method).with(\.pattern, pattern).with(
        \.allocation, .uniform))
  }

  private func expectSame(_ model: Model, _ recipe: Recipe, _ input: [Int], _ shapes: [String: [Int]]) throws
  {
    let compressed = try Compressor(model: model).compress(recipe)
    for (name, shape) in shapes {
      #expect(compressed.model.graph.initializers[name]?.shape.dimensions == shape, "\(name)")
    }
    let (before, after) = (try model.run(input), try compressed.model.run(input))
    for (name, values) in before { #expect(after[name].map { closeEnough(values, $0) } == true, "\(name)") }
    #expect(compressed.size.bytes == compressed.storedBytes.count)
  }

  @Test func groupsOfAConvolutionGoWhole() throws {
    var net = NetworkBuilder(seed: 6)
    net.conv("a", 3, 12)
    net.node("r", "Relu", [net.value])
    net.conv("g", 12, 8, group: 4)
    net.node("s", "Relu", [net.value])
    net.conv("b", 8, 5)
    let model = net.model(input: [1, 3, 5, 5]).zeroing([3, 4, 5], of: "a").zeroing([2, 3], of: "g")
    let compressed = try Compressor(model: model).compress(settings(.channels, 0.25))
    #expect(compressed.model.graph.nodes.first { $0.name == "g" }?.int("group") == 3)
    try expectSame(
      model, settings(.channels, 0.25), [1, 3, 5, 5],
      ["a.weight": [9, 3, 3, 3], "g.weight": [6, 3, 3, 3], "g.bias": [6], "b.weight": [5, 6, 3, 3]])
  }

  @Test func groupNormalizationsLoseGroups() throws {
    var net = NetworkBuilder(seed: 6)
    net.conv("a", 3, 8)
    let scale = net.constant("scale", net.normal([8]))
    let bias = net.constant("bias", net.normal([8]))
    net.node("gn", "GroupNormalization", [net.value, scale, bias], ["num_groups": .int(4)])
    net.node("r", "Relu", [net.value])
    net.conv("b", 8, 5)
    var model = net.model(input: [1, 3, 5, 5])
    model.graph.opsets = ["": 21]
    model = model.zeroing([4, 5], of: "a").zeroingConstant("bias", [4, 5])
    let compressed = try Compressor(model: model).compress(settings(.channels, 0.25))
    #expect(compressed.model.graph.nodes.first { $0.name == "gn" }?.int("num_groups") == 3)
    try expectSame(
      model, settings(.channels, 0.25), [1, 3, 5, 5],
      ["a.weight": [6, 3, 3, 3], "scale": [6], "b.weight": [5, 6, 3, 3]])
  }

  @Test func aGroupNormalizationWrittenAsReshapesIsFollowed() throws {
    var net = NetworkBuilder(seed: 6)
    net.conv("a", 3, 8)
    let whole = net.value
    net.weights["groups"] = .dense(try Tensor(shape: [3], [0, 4, -1] as [Int64]))
    net.node("split", "Reshape", [whole, "groups"])
    let ones = net.constant("ones", try Tensor(shape: [4], [1, 1, 1, 1] as [Float]))
    let zeros = net.constant("zeros", try Tensor(shape: [4], [0, 0, 0, 0] as [Float]))
    let normal = net.node("in", "InstanceNormalization", [net.value, ones, zeros])
    let shape = net.node("shape", "Shape", [whole])
    net.node("merge", "Reshape", [normal, shape])
    net.conv("b", 8, 5)
    let model = net.model(input: [1, 3, 5, 5]).zeroing([2, 3], of: "a")
    try expectSame(
      model, settings(.channels, 0.25), [1, 3, 5, 5],
      ["a.weight": [6, 3, 3, 3], "ones": [3], "b.weight": [5, 6, 3, 3]])
  }

  @Test func layerNormalizationsShrink() throws {
    var net = NetworkBuilder(seed: 6)
    net.gemm("a", 4, 8)
    let scale = net.constant("scale", net.normal([8]))
    net.node("ln", "LayerNormalization", [net.value, scale], ["axis": .int(-1)])
    net.gemm("b", 8, 3)
    let compressed = try Compressor(model: net.model(input: [2, 4])).compress(settings(.channels, 0.5))
    #expect(compressed.model.graph.initializers["scale"]?.shape == [4])
    #expect(try compressed.model.run([2, 4]).values.first?.shape == [2, 3])
  }

  /// Queries, keys and values of 4 heads over 3 positions, as exporters write them.
  private func attention() throws -> Model {
    var net = NetworkBuilder(seed: 8)
    net.weights["split"] = .dense(try Tensor(shape: [4], [-1, 3, 4, 2] as [Int64]))
    net.weights["merge"] = .dense(try Tensor(shape: [3], [-1, 3, 8] as [Int64]))
    let input = net.value
    func heads(_ name: String, _ order: [Int]) -> String {
      net.value = input
      net.matMul(name, 6, 8)
      net.node("\(name).split", "Reshape", [net.value, "split"])
      return net.node("\(name).turn", "Transpose", [net.value], ["perm": .ints(order)])
    }
    let (query, value) = (heads("q", [0, 2, 1, 3]), heads("v", [0, 2, 1, 3]))
    let key = heads("k", [0, 2, 3, 1])
    net.node("products", "MatMul", [query, key])
    net.node("scaled", "Mul", [net.value, net.constant("scale", Tensor(scalar: Float(0.7)))])
    let soft = net.node("soft", "Softmax", [net.value], ["axis": .int(-1)])
    net.node("mixed", "MatMul", [soft, value])
    net.node("back", "Transpose", [net.value], ["perm": .ints([0, 2, 1, 3])])
    net.node("joined", "Reshape", [net.value, "merge"])
    net.matMul("o", 8, 6)
    net.node("sum", "Add", [net.value, input])
    return net.model(input: [2, 3, 6])
  }

  @Test func headsGoWhole() throws {
    // The values of the third head are zero: it gives nothing, and its parts weigh least.
    let small = { (values: [Float]) in
      values.enumerated().map { [4, 5].contains($0.offset % 8) ? $0.element / 1e3 : $0.element }
    }
    var model = try attention().zeroing([4, 5], of: "v").zeroingConstant("v.bias", [4, 5])
    for name in ["q.weight", "k.weight"] {
      model.graph.initializers[name] = .dense(try Tensor(shape: [6, 8], small(model.floats(name))))
    }
    try expectSame(
      model, settings(.heads, 0.25), [2, 3, 6],
      [
        "q.weight": [6, 6], "q.bias": [6], "k.weight": [6, 6], "v.weight": [6, 6], "o.weight": [6, 6],
        "o.bias": [6],
      ])
    let channels = try Compressor(model: model).compress(settings(.channels, 0.25))
    #expect(
      channels.layers[0].remarks == [
        "its outputs are attention heads: only the pattern \"heads\" removes those"
      ])
    #expect(channels.layers[3].remarks == ["is combined by sum with a value that no layer makes"])
    let heads = try Compressor(model: smallMLP()).compress(settings(.heads, 0.25))
    #expect(
      heads.layers[0].remarks == ["its outputs are no attention heads: the pattern \"channels\" removes them"]
    )
  }

  private enum Cut { case sizes, attribute, parts, runtime, standard }

  /// Queries, keys and values of 4 heads over 3 positions from one product.
  private func fusedAttention(_ cut: Cut) throws -> Model {
    var net = NetworkBuilder(seed: 8)
    net.weights["split"] = .dense(try Tensor(shape: [4], [-1, 3, 4, 2] as [Int64]))
    net.weights["parts"] = .dense(try Tensor(shape: [5], [-1, 3, 3, 4, 2] as [Int64]))
    net.weights["merge"] = .dense(try Tensor(shape: [3], [-1, 3, 8] as [Int64]))
    net.weights["sizes"] = .dense(try Tensor(shape: [3], [8, 8, 8] as [Int64]))
    let input = net.value
    net.matMul("qkv", 6, 24)
    var (query, key, value) = ("", "", "")
    if cut == .runtime || cut == .standard {
      net.nodes.append(
        Node(
          name: "cut", kind: "Split", inputs: [net.value, "sizes"], outputs: ["q:0", "k:0", "v:0"],
          attributes: ["axis": .int(-1)]))
      if cut == .runtime {
        net.node(
          "heads", OperatorKind("MultiHeadAttention", domain: "com.microsoft"), ["q:0", "k:0", "v:0"],
          ["num_heads": .int(4)])
      } else {
        net.node(
          "heads", "Attention", ["q:0", "k:0", "v:0"], ["q_num_heads": .int(4), "kv_num_heads": .int(4)])
      }
      net.matMul("o", 8, 6)
      net.node("sum", "Add", [net.value, input])
      var model = net.model(input: [2, 3, 6])
      model.graph.opsets = ["": 23, "com.microsoft": 1]
      return model
    }
    if cut == .parts {
      net.node("five", "Reshape", [net.value, "parts"])
      let turned = net.node("turned", "Transpose", [net.value], ["perm": .ints([2, 0, 3, 1, 4])])
      let parts = try (0..<3).map { index in
        net.node(
          "part\(index)", "Gather",
          [turned, net.constant("index\(index)", try Tensor(shape: [], [Int64(index)]))],
          ["axis": .int(0)])
      }
      (query, value) = (parts[0], parts[2])
      key = net.node("k.turn", "Transpose", [parts[1]], ["perm": .ints([0, 1, 3, 2])])
    } else {
      var attributes: [String: Attribute] = ["axis": .int(-1)]
      if cut == .attribute { attributes["split"] = .ints([8, 8, 8]) }
      net.nodes.append(
        Node(
          name: "cut", kind: "Split", inputs: [net.value] + (cut == .sizes ? ["sizes"] : []),
          outputs: ["q:0", "k:0", "v:0"], attributes: attributes))
      let heads = { (net: inout NetworkBuilder, name: String, order: [Int]) in
        net.node("\(name).split", "Reshape", ["\(name):0", "split"])
        return net.node("\(name).turn", "Transpose", [net.value], ["perm": .ints(order)])
      }
      query = heads(&net, "q", [0, 2, 1, 3])
      key = heads(&net, "k", [0, 2, 3, 1])
      value = heads(&net, "v", [0, 2, 1, 3])
    }
    net.node("products", "MatMul", [query, key])
    let soft = net.node("soft", "Softmax", [net.value], ["axis": .int(-1)])
    net.node("mixed", "MatMul", [soft, value])
    net.node("back", "Transpose", [net.value], ["perm": .ints([0, 2, 1, 3])])
    net.node("joined", "Reshape", [net.value, "merge"])
    net.matMul("o", 8, 6)
    net.node("sum", "Add", [net.value, input])
    var model = net.model(input: [2, 3, 6])
    if cut == .attribute { model.graph.opsets = ["": 11] }
    return model
  }

  @Test(arguments: 0..<5)
  func headsOfOneProductGoWhole(kind: Int) throws {
    let cut = [Cut.sizes, .attribute, .parts, .runtime, .standard][kind]
    var model = try fusedAttention(cut)
    // The third head's values, columns 20 and 21, are zero; its queries and keys weigh least.
    let scaled = model.floats("qkv.weight").enumerated().map { place, value -> Float in
      let column = place % 24
      return [20, 21].contains(column) ? 0 : [4, 5].contains(column % 8) ? value / 1e3 : value
    }
    model.graph.initializers["qkv.weight"] = .dense(try Tensor(shape: [6, 24], scaled))
    model = model.zeroingConstant("qkv.bias", [20, 21])
    try expectSame(
      model, settings(.heads, 0.25), [2, 3, 6],
      ["qkv.weight": [6, 18], "qkv.bias": [18], "o.weight": [6, 6], "o.bias": [6]])
  }

  /// Parts lose channels of their own, but not those that are the model's answer.
  @Test func partsThatAreOutputsStay() throws {
    var net = NetworkBuilder(seed: 8)
    net.matMul("a", 6, 12)
    net.weights["sizes"] = .dense(try Tensor(shape: [2], [8, 4] as [Int64]))
    net.nodes.append(
      Node(
        name: "cut", kind: "Split", inputs: [net.value, "sizes"], outputs: ["one", "two"],
        attributes: ["axis": .int(-1)]))
    net.value = "one"
    net.matMul("b", 8, 3)
    let model = net.model(input: [2, 6], outputs: [net.value, "two"])
    let compressed = try Compressor(model: model).compress(settings(.channels, 0.5))
    #expect(compressed.model.graph.initializers["a.weight"]?.shape == [6, 12])
    #expect(compressed.layers[0].remarks == ["is an output of the model"])
  }

  @Test func branchesThatAddLeastGo() throws {
    var net = NetworkBuilder(seed: 4)
    net.matMul("in", 6, 8)
    for (index, scale) in [Float(1), 0.01, 2].enumerated() {
      let skip = net.value
      net.matMul("up\(index)", 8, 12)
      net.node("r\(index)", "Relu", [net.value])
      net.matMul("down\(index)", 12, 8, bias: false)
      net.node("scaled\(index)", "Mul", [net.value, net.constant("s\(index)", Tensor(scalar: scale))])
      net.node("sum\(index)", "Add", [skip, net.value])
    }
    net.matMul("out", 8, 3)
    let model = net.model(input: [4, 6])
    let compressor = Compressor(model: model, activations: TestCalibration([4, 6]))
    let compressed = try compressor.compress(settings(.layers, 0.34))
    #expect(compressed.model.graph.initializers["up1.weight"] == nil)
    #expect(compressed.model.graph.initializers["up0.weight"] != nil)
    #expect(compressed.model.graph.nodes.first { $0.name == "sum1" }?.kind == "Identity")
    #expect(compressed.layers.first { $0.name == "up1" }?.size.bytes == 0)
    #expect(
      compressed.layers[0].remarks == [
        "it stands in no branch beside a residual connection: it cannot be removed"
      ])
    #expect(try compressed.model.run([4, 6]).values.first?.shape == [4, 3])
    // What follows works on what is left.
    var recipe = settings(.layers, 0.34)
    recipe.layers["up0"] = LayerOverride(
      LayerSettings().with(\.prune, 0.5).with(\.pattern, .channels),
      naming: [Setting(\.prune), Setting(\.pattern)])
    #expect(try compressor.compress(recipe).model.graph.initializers["up0.weight"]?.shape == [8, 6])
  }

  /// Three branches: one adds much that hardly varies, one adds little, one adds much.
  private func threeBranches() throws -> Model {
    var net = NetworkBuilder(seed: 4)
    net.matMul("in", 6, 8)
    for (index, (scale, offset)) in [(Float(0.01), Float(5)), (0.3, 0), (2, 0)].enumerated() {
      let skip = net.value
      net.matMul("branch\(index)", 8, 8, bias: false)
      net.node("scaled\(index)", "Mul", [net.value, net.constant("s\(index)", Tensor(scalar: scale))])
      net.node("moved\(index)", "Add", [net.value, net.constant("o\(index)", Tensor(scalar: offset))])
      net.node("sum\(index)", "Add", [skip, net.value])
    }
    return net.model(input: [4, 6])
  }

  @Test(arguments: [
    (PruningCriterion.magnitude, "branch1"), (.activation, "branch1"), (.variance, "branch0"),
  ])
  func branchesAreJudgedByTheCriterion(criterion: PruningCriterion, gone: String) throws {
    let compressor = Compressor(model: try threeBranches(), activations: TestCalibration([4, 6]))
    var recipe = settings(.layers, 0.34)
    recipe.model.criterion = criterion
    let compressed = try compressor.compress(recipe)
    for index in 0..<3 {
      let weight = compressed.model.graph.initializers["branch\(index).weight"]
      #expect((weight == nil) == ("branch\(index)" == gone))
      #expect(compressed.layers.first { $0.name == "branch\(index)" }?.remarks == [])
    }
  }

  /// Of all criteria, those that say nothing of branches are told of, and no other.
  @Test(arguments: PruningCriterion.allCases)
  func aCriterionThatSaysNothingOfBranchesIsToldOf(criterion: PruningCriterion) throws {
    let compressor = Compressor(model: try threeBranches(), activations: TestCalibration([4, 6]))
    var recipe = settings(.layers, 0.34)
    recipe.model.criterion = criterion
    let compressed = try compressor.compress(recipe)
    #expect((0..<3).count { compressed.model.graph.initializers["branch\($0).weight"] == nil } == 1)
    let remarks = compressed.layers.first { $0.name == "branch1" }?.remarks
    let judges: [PruningCriterion] = [.magnitude, .activation, .variance, .random]
    guard !judges.contains(criterion) else {
      #expect(remarks == [])
      return
    }
    #expect(
      remarks == [
        "\(criterion.label) does not judge branches: those that add least to what flows past them go"
      ])
    #expect(compressed.model.graph.initializers["branch1.weight"] == nil)
  }
}
