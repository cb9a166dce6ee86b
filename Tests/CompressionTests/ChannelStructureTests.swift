import Compression
import GraphIR
import Recipes
import TensorCore
import Testing

/// Channels that are exactly zero and pruned away leave the outputs as they were, whatever the model does with shapes,
/// orders and parts of them.
@Suite struct ChannelStructureTests {
  private func pruned(_ model: Model, _ ratio: Double = 0.5) throws -> CompressedModel {
    let settings = LayerSettings().with(\.prune, ratio).with(\.pattern, .channels).with(
      \.allocation, .uniform)
    return try Compressor(model: model).compress(Recipe(model: settings))
  }

  private func expectSame(
    _ model: Model, _ input: [Int], _ shapes: [String: [Int]],
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let compressed = try pruned(model)
    for (name, shape) in shapes {
      #expect(
        compressed.model.graph.initializers[name]?.shape.dimensions == shape, "\(name)",
        sourceLocation: sourceLocation)
    }
    let (before, after) = (try model.run(input), try compressed.model.run(input))
    for (name, values) in before {
      #expect(after[name].map { closeEnough(values, $0) } == true, "\(name)", sourceLocation: sourceLocation)
    }
    #expect(throws: Never.self) { try compressed.model.graph.sorted() }
  }

  private func scalar(_ number: Int) -> Tensor { Tensor(shape: [], of: Int64.self) { $0[0] = Int64(number) } }

  // MARK: Numbers computed from shapes

  @Test func theRootOfADimensionStays() throws {
    var net = NetworkBuilder(seed: 11)
    net.matMul("q", 6, 8)
    let q = net.value
    net.value = "x"
    net.matMul("k", 6, 8)
    let turned = net.node("turn", "Transpose", [net.value], ["perm": .ints([0, 2, 1])])
    net.value = "x"
    net.matMul("v", 6, 8)
    let v = net.value
    let scores = net.node("scores", "MatMul", [q, turned])
    let last = net.constant("last", scalar(2))
    net.node("count", "Gather", [net.node("shape", "Shape", [q]), last])
    net.node("float", "Cast", [net.value], ["to": .int(1)])
    let root = net.node("root", "Sqrt", [net.value])
    net.node("scaled", "Div", [scores, root])
    let weights = net.node("p", "Softmax", [net.value], ["axis": .int(-1)])
    net.node("mixed", "MatMul", [weights, v])
    net.matMul("out", 8, 6)
    let zeroed = net.model(input: [2, 5, 6]).zeroing([1, 2, 5, 6], of: "q").zeroing([1, 2, 5, 6], of: "k")
      .zeroing([0, 3, 4, 7], of: "v")
    try expectSame(zeroed, [2, 5, 6], ["q.weight": [6, 4], "v.weight": [6, 4], "out.weight": [4, 6]])
  }

  @Test(arguments: ["Size", "Shape", "end"]) func countsInSumsStay(way: String) throws {
    var net = NetworkBuilder(seed: 12)
    net.conv("a", 3, 8)
    let value = net.node("r", "Relu", [net.value])
    switch way {
    case "Size": net.node("count", "Size", [value])
    case "Shape":
      net.node("count", "ReduceProd", [net.node("shape", "Shape", [value])], ["keepdims": .int(0)])
    default: net.node("count", "Shape", [value], ["start": .int(1), "end": .int(-2)])
    }
    let count = net.node("float", "Cast", [net.value], ["to": .int(1)])
    net.node("scaled", "Mul", [value, count])
    net.conv("b", 8, 4)
    try expectSame(
      net.model(input: [1, 3, 5, 5]).zeroing([0, 1, 2, 3], of: "a"), [1, 3, 5, 5],
      ["a.weight": [4, 3, 3, 3], "b.weight": [4, 4, 3, 3]])
  }

  /// A target put together of other values' dimensions, and one that a shape gives as it is.
  @Test func computedTargetsFollow() throws {
    var net = NetworkBuilder(seed: 13)
    net.conv("a", 3, 8)
    let value = net.node("r", "Relu", [net.value])
    let shape = net.node("shape", "Shape", [value])
    let entries = [0, 1].map { place in
      net.node(
        "entry\(place)", "Gather",
        [shape, net.constant("at\(place)", try! Tensor(shape: [1], [Int64(place)]))])
    }
    let rest = net.constant("rest", try Tensor(shape: [1], [-1 as Int64]))
    let target = net.node("target", "Concat", [entries[0], entries[1], rest], ["axis": .int(0)])
    net.node("flat", "Reshape", [value, target])
    net.node("back", "Reshape", [net.value, shape])
    net.conv("b", 8, 4)
    try expectSame(
      net.model(input: [2, 3, 5, 5]).zeroing([4, 5, 6, 7], of: "a"), [2, 3, 5, 5],
      ["a.weight": [4, 3, 3, 3], "b.weight": [4, 4, 3, 3]])
  }

  // MARK: Orders and parts

  /// ShuffleNet's unit: half of the channels pass by, and both halves are dealt out in turn.
  @Test(arguments: [false, true]) func shuffledChannels(isTwice: Bool) throws {
    var net = NetworkBuilder(seed: 14)
    net.conv("a", 3, 8)
    net.node("r", "Relu", [net.value])
    for unit in 0..<(isTwice ? 2 : 1) {
      let sizes = net.constant("sizes\(unit)", try Tensor(shape: [2], [4, 4] as [Int64]))
      net.nodes.append(
        Node(
          name: "split\(unit)", kind: "Split", inputs: [net.value, sizes],
          outputs: ["left\(unit)", "right\(unit)"], attributes: ["axis": .int(1)]))
      net.value = "right\(unit)"
      net.conv("b\(unit)", 4, 4)
      net.node("s\(unit)", "Relu", [net.value])
      net.node("joined\(unit)", "Concat", ["left\(unit)", net.value], ["axis": .int(1)])
      net.weights["apart\(unit)"] = .dense(try Tensor(shape: [5], [1, 2, 4, 5, 5] as [Int64]))
      net.weights["whole\(unit)"] = .dense(try Tensor(shape: [4], [1, 8, 5, 5] as [Int64]))
      net.node("open\(unit)", "Reshape", [net.value, "apart\(unit)"])
      net.node("deal\(unit)", "Transpose", [net.value], ["perm": .ints([0, 2, 1, 3, 4])])
      net.node("close\(unit)", "Reshape", [net.value, "whole\(unit)"])
    }
    net.conv("c", 8, 5)
    var model = net.model(input: [1, 3, 5, 5]).zeroing([1, 2, 4, 6], of: "a").zeroing([0, 3], of: "b0")
    if isTwice { model = model.zeroing([1, 2], of: "b1") }
    try expectSame(
      model, [1, 3, 5, 5], ["a.weight": [4, 3, 3, 3], "b0.bias": [2], "c.weight": [5, 4, 3, 3]])
    let compressed = try pruned(model)
    #expect(compressed.model.graph.nodes.count { $0.kind == "Gather" } == (isTwice ? 2 : 1))
    #expect(compressed.layers.dropLast().allSatisfy { $0.remarks == [] })
  }

  /// What is dealt out is read by nobody else but the shapes that its targets are put together of.
  @Test func shuffledChannelsWithComputedTargets() throws {
    var net = NetworkBuilder(seed: 16)
    net.conv("a", 3, 8)
    let joined = net.node("r", "Relu", [net.value])
    let first = net.constant("first", try Tensor(shape: [1], [0 as Int64]))
    func target(_ name: String, _ rest: [Int64]) throws -> String {
      let batch = net.node("\(name)Batch", "Gather", [net.node("\(name)Shape", "Shape", [joined]), first])
      let constant = net.constant("\(name)Rest", try Tensor(shape: [rest.count], rest))
      return net.node("\(name)Target", "Concat", [batch, constant], ["axis": .int(0)])
    }
    net.node("open", "Reshape", [joined, try target("open", [2, 4, 5, 5])])
    let dealt = net.node("deal", "Transpose", [net.value], ["perm": .ints([0, 2, 1, 3, 4])])
    net.node("close", "Reshape", [dealt, try target("close", [8, 5, 5])])
    net.conv("c", 8, 5)
    try expectSame(
      net.model(input: [1, 3, 5, 5]).zeroing([1, 2, 4, 6], of: "a"), [1, 3, 5, 5],
      ["a.weight": [4, 3, 3, 3], "c.weight": [5, 4, 3, 3]])
  }

  @Test func unequalPartsLoseTheirOwn() throws {
    for opset in [11, 17] {
      var net = NetworkBuilder(seed: 15)
      net.conv("a", 3, 8)
      let sizes = net.constant("sizes", try Tensor(shape: [2], [6, 2] as [Int64]))
      net.nodes.append(
        Node(
          name: "split", kind: "Split", inputs: [net.value] + (opset < 13 ? [] : [sizes]),
          outputs: ["left", "right"],
          attributes: ["axis": .int(1)].merging(opset < 13 ? ["split": .ints([6, 2])] : [:]) { first, _ in
            first
          }))
      net.value = "left"
      net.conv("b", 6, 4)
      let left = net.value
      net.value = "right"
      net.conv("c", 2, 4)
      net.node("sum", "Add", [left, net.value])
      var model = net.model(input: [1, 3, 5, 5])
      model.graph.opsets = ["": opset]
      try expectSame(
        model.zeroing([0, 1, 2, 7], of: "a"), [1, 3, 5, 5],
        ["a.weight": [4, 3, 3, 3], "b.weight": [4, 3, 3, 3], "c.weight": [4, 1, 3, 3]])
      // Of a part that is zero altogether one channel stays.
      let whole = try pruned(model.zeroing([6, 7], of: "a"), 0.25)
      #expect(whole.model.graph.initializers["c.weight"]?.shape == [4, 1, 3, 3])
    }
  }

  /// Halves as older exporters write them: from and to numbers that are computed of the shape.
  @Test(arguments: [false, true]) func slicedHalves(isComputed: Bool) throws {
    var net = NetworkBuilder(seed: 22)
    net.conv("a", 3, 8)
    let whole = net.node("r", "Relu", [net.value])
    let axes = net.constant("axes", try Tensor(shape: [1], [1 as Int64]))
    let start = net.constant("start", try Tensor(shape: [1], [0 as Int64]))
    var middle = net.constant("middle", try Tensor(shape: [1], [4 as Int64]))
    let end = net.constant("end", try Tensor(shape: [1], [Int64.max]))
    if isComputed {
      net.node("count", "Gather", [net.node("shape", "Shape", [whole]), axes])
      middle = net.node(
        "half", "Div", [net.value, net.constant("two", try Tensor(shape: [1], [2 as Int64]))])
    }
    net.node("left", "Slice", [whole, start, middle, axes])
    net.conv("b", 4, 5)
    let left = net.value
    net.node("right", "Slice", [whole, middle, end, axes])
    net.conv("c", 4, 5)
    net.node("sum", "Add", [left, net.value])
    try expectSame(
      net.model(input: [1, 3, 5, 5]).zeroing([0, 1, 2, 7], of: "a"), [1, 3, 5, 5],
      ["a.weight": [4, 3, 3, 3], "b.weight": [5, 1, 3, 3], "c.weight": [5, 3, 3, 3]])
  }

  @Test func gatesGoWithWhatTheyGate() throws {
    var net = NetworkBuilder(seed: 16)
    net.conv("a", 3, 8)
    net.nodes.append(
      Node(
        name: "split", kind: "Split", inputs: [net.value], outputs: ["left", "right"],
        attributes: ["axis": .int(1)]))
    let gate = net.node("gate", "Tanh", ["right"])
    net.node("product", "Mul", ["left", gate])
    net.conv("b", 4, 5)
    try expectSame(
      net.model(input: [1, 3, 5, 5]).zeroing([0, 3, 4, 7], of: "a"), [1, 3, 5, 5],
      ["a.weight": [4, 3, 3, 3], "b.weight": [5, 2, 3, 3]])
  }

  /// A sum of what two layers make end to end and what a third makes.
  @Test func joinedChannelsGoWithOthers() throws {
    var net = NetworkBuilder(seed: 17)
    let values = [("a", 4), ("b", 4), ("c", 8)].map { name, count in
      net.value = "x"
      net.conv(name, 3, count)
      return net.value
    }
    let joined = net.node("joined", "Concat", [values[0], values[1]], ["axis": .int(1)])
    net.node("sum", "Add", [joined, values[2]])
    net.conv("d", 8, 5)
    try expectSame(
      net.model(input: [1, 3, 5, 5]).zeroing([0, 1, 2], of: "a").zeroing([3], of: "b").zeroing(
        [0, 1, 2, 7], of: "c"),
      [1, 3, 5, 5], ["a.weight": [1, 3, 3, 3], "b.weight": [3, 3, 3, 3], "c.weight": [4, 3, 3, 3]])
  }

  /// Groups that are normalized by themselves are no attention heads.
  @Test func groupsOfANormalizationWrittenOut() throws {
    var net = NetworkBuilder(seed: 18)
    net.conv("a", 3, 8)
    net.weights["groups"] = .dense(try Tensor(shape: [5], [1, 4, 2, 5, 5] as [Int64]))
    net.weights["whole"] = .dense(try Tensor(shape: [4], [1, 8, 5, 5] as [Int64]))
    let apart = net.node("apart", "Reshape", [net.value, "groups"])
    let mean = net.node("mean", "ReduceMean", [apart], ["axes": .ints([2, 3, 4])])
    let centred = net.node("centred", "Sub", [apart, mean])
    net.node("square", "Mul", [centred, centred])
    net.node("variance", "ReduceMean", [net.value], ["axes": .ints([2, 3, 4])])
    net.node("more", "Add", [net.value, net.constant("epsilon", Tensor(scalar: Float(1e-5)))])
    let root = net.node("root", "Sqrt", [net.value])
    net.node("normal", "Div", [centred, root])
    net.node("back", "Reshape", [net.value, "whole"])
    net.conv("b", 8, 5)
    let model = net.model(input: [1, 3, 5, 5]).zeroing([2, 3, 6, 7], of: "a")
    try expectSame(model, [1, 3, 5, 5], ["a.weight": [4, 3, 3, 3], "b.weight": [5, 4, 3, 3]])
    #expect(try pruned(model).layers[0].remarks == [])
  }

  // MARK: Sizes

  @Test func padsAndResizesBesideTheChannels() throws {
    for (kind, beside) in [("Pad", true), ("Pad", false), ("Resize", true), ("Resize", false)] {
      var net = NetworkBuilder(seed: 19)
      net.conv("a", 3, 8)
      if kind == "Pad" {
        let pads: [Int64] = beside ? [0, 0, 1, 1, 0, 0, 1, 0] : [0, 1, 0, 0, 0, 0, 0, 0]
        net.node("pad", "Pad", [net.value, net.constant("pads", try Tensor(shape: [8], pads))])
      } else {
        let sizes: [Int64] = beside ? [1, 8, 10, 9] : [1, 16, 5, 5]
        net.node(
          "resize", "Resize", [net.value, "", "", net.constant("sizes", try Tensor(shape: [4], sizes))])
      }
      net.conv("b", beside ? 8 : kind == "Pad" ? 9 : 16, 5)
      let model = net.model(input: [1, 3, 5, 5]).zeroing([1, 2, 5, 6], of: "a")
      let count = beside ? 4 : 8
      try expectSame(model, [1, 3, 5, 5], ["a.weight": [count, 3, 3, 3]])
    }
  }

  // MARK: Constants that exporters merged

  /// Fresh norms are ones and zeros, which all of a network share; weights that layers share were tied on purpose.
  @Test func equalConstantsAreNoTies() throws {
    var net = NetworkBuilder(seed: 20)
    let ones = net.constant("ones", try Tensor(shape: [8], [Float](repeating: 1, count: 8)))
    let zeros = net.constant("zeros", try Tensor(shape: [8], [Float](repeating: 0, count: 8)))
    for (index, inputs) in [3, 8, 8].enumerated() {
      let weight = net.constant("w\(index)", net.normal([8, inputs, 3, 3]))
      net.node("conv\(index)", "Conv", [net.value, weight, zeros], ["pads": .ints([1, 1, 1, 1])])
      net.node("norm\(index)", "BatchNormalization", [net.value, ones, zeros, zeros, ones])
      net.node("relu\(index)", "Relu", [net.value])
    }
    net.conv("last", 8, 5)
    var model = net.model(input: [1, 3, 5, 5])
    for (index, gone) in [[0, 1, 2, 3], [1, 3, 5, 7], [0, 2, 4, 6]].enumerated() {
      model = model.zeroing(gone, of: "conv\(index)")
    }
    try expectSame(
      model, [1, 3, 5, 5],
      ["w0": [4, 3, 3, 3], "w1": [4, 4, 3, 3], "w2": [4, 4, 3, 3], "last.weight": [5, 4, 3, 3]])
    let compressed = try pruned(model)
    // Ones and zeros that shrink alike are still one constant for each node.
    for node in compressed.model.graph.nodes where node.kind == "BatchNormalization" {
      #expect(node.inputs[1] == node.inputs[4] && node.inputs[2] == node.inputs[3])
    }
    // The criterion that looks at scales sees each norm's own.
    let scales = LayerSettings().with(\.prune, 0.5).with(\.pattern, .channels).with(\.criterion, .batchNorm)
      .with(\.allocation, .uniform)
    let judged = try Compressor(model: model).compress(Recipe(model: scales))
    #expect(judged.layers.dropLast().allSatisfy { $0.remarks == [] })
  }

  @Test func meansGoIntoBiasesThatOthersReadToo() throws {
    var net = NetworkBuilder(seed: 21)
    let bias = net.constant("bias", try Tensor(shape: [8], [Float](repeating: 0.5, count: 8)))
    for (index, inputs) in [6, 8, 8].enumerated() {
      let weight = net.constant("w\(index)", net.normal([8, inputs]))
      net.node("f\(index)", "Gemm", [net.value, weight, bias], ["transB": .int(1)])
    }
    // Neurons of no weights give their bias, whatever comes in.
    let model = net.model(input: [1, 6]).zeroing([2, 3, 4, 5], of: "f0").zeroing([0, 1, 6, 7], of: "f1")
    let settings = LayerSettings().with(\.prune, 0.5).with(\.pattern, .channels).with(\.allocation, .uniform)
      .with(\.compensation, .mean)
    let compressed = try Compressor(model: model, activations: TestCalibration([8, 6])).compress(
      Recipe(model: settings))
    #expect(compressed.model.graph.initializers["w1"]?.shape == [4, 4])
    #expect(try relativeError(model, compressed.model, [1, 6]) < 1e-5)
  }
}
