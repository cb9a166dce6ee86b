import Compression
import GraphIR
import Rewriting
import Recipes
import TensorCore
import Testing

/// Products that exporters and ONNX Runtime write in forms of their own.
@Suite("Products in other forms")
struct ProductFormTests {
  private let runtime = { (type: String) in OperatorKind(type, domain: "com.microsoft") }

  /// The model with its layers in common forms, after a check that its outputs are the same.
  private func normalized(_ model: Model, _ input: [Int]) throws -> Model {
    var other = model
    other.graph = try LayerForms.normalized(model.graph)
    try expectSame(other, model, input)
    return other
  }

  private func expectSame(_ found: Model, _ expected: Model, _ input: [Int], within tolerance: Float = 1e-4)
    throws
  {
    let (after, before) = (try found.run(input), try expected.run(input))
    for (name, tensor) in before {
      let value = try #require(after[name])
      #expect(value.shape == tensor.shape)
      #expect(zip(value.floats, tensor.floats).allSatisfy { abs($0 - $1) <= tolerance * max(1, abs($1)) })
    }
  }

  @Test("a constant on the left is a layer like any other", arguments: [[4, 3], [2, 4, 3], [4]])
  func left(input: [Int]) throws {
    var net = NetworkBuilder(seed: 1)
    let weight = net.constant("w", net.normal([5, 4]))
    net.node("mix", "MatMul", [weight, "x"])
    let model = try normalized(net.model(input: input), input)
    let layer = try #require(LayerCatalog(model.graph)["mix"])
    #expect(layer.kind == "MatMul 5x4" && layer.restriction == nil && layer.obstacle == nil)
    for settings in [
      LayerSettings().with(\.prune, 0.5), LayerSettings().with(\.weightBits, .quantized(.int8)),
      LayerSettings().with(\.rank, 0.5),
    ] {
      let compressed = try Compressor(model: model).compress(Recipe(model: settings))
      #expect(compressed.layers[0].remarks == [])
      _ = try compressed.model.run(input)
    }
  }

  @Test("a constant on the left that others read stays")
  func sharedLeft() throws {
    var net = NetworkBuilder(seed: 2)
    let weight = net.constant("w", net.normal([4, 4]))
    net.node("a", "MatMul", [weight, "x"])
    net.node("b", "MatMul", [weight, net.value])
    let model = try normalized(net.model(input: [4, 3]), [4, 3])
    #expect(model.parameterCount == 16)
  }

  @Test("a transposed convolution in groups", arguments: [1, 2, 4])
  func groups(count: Int) throws {
    var net = NetworkBuilder(seed: 3)
    let weight = net.constant("w", net.normal([4, 3, 2, 2]))
    net.node("up", "ConvTranspose", ["x", weight], ["strides": .ints([2, 2]), "group": .int(count)])
    let model = try normalized(net.model(input: [1, 4, 3, 3]), [1, 4, 3, 3])
    let layer = try #require(LayerCatalog(model.graph)["up"])
    #expect(layer.kind == "ConvTranspose \(3 * count)x\(4 / count)x2x2")
    #expect(layer.restriction == "a transposed convolution" && layer.obstacle == nil)
    let compressed = try Compressor(model: model).compress(
      Recipe(model: LayerSettings().with(\.weightBits, .quantized(.int8))))
    guard case .quantized(let codes)? = compressed.model.graph.initializers[layer.weightName] else {
      Issue.record("the weight was not quantized")
      return
    }
    // A scale for each output channel, whatever its group.
    #expect(codes.scales.count == 3 * count)
    try expectSame(compressed.model, model, [1, 4, 3, 3], within: 0.05)
  }

  /// An embedding whose table is the output projection too.
  private func tied() -> Model {
    var net = NetworkBuilder(seed: 4)
    let table = net.constant("table", net.normal([7, 4]))
    let ids = net.constant("ids", Tensor(shape: [2], of: Int64.self) { ($0[0], $0[1]) = (3, 5) })
    net.node("embed", "Gather", [table, ids])
    let rows = net.node("sum", "Add", [net.value, "x"])
    net.node("turn", "Transpose", [table])
    net.node("head", "MatMul", [rows, net.value])
    return net.model(input: [2, 4])
  }

  @Test(
    "a projection tied to an embedding is pruned and rounded with its table, and says what else it cannot")
  func tiedWeights() throws {
    let model = try normalized(tied(), [2, 4])
    #expect(model.parameterCount == 28)
    let layer = try #require(LayerCatalog(model.graph)["head"])
    #expect(layer.kind == "MatMul 7x4" && layer.obstacle == nil)
    #expect(layer.restriction == "a weight shared with the table of embed")
    let compressed = try Compressor(model: model).compress(
      Recipe(
        model: LayerSettings().with(\.prune, 0.5).with(\.weightBits, .quantized(.int8)).with(\.rank, 0.5)))
    #expect(compressed.layers[0].remarks.contains { $0.contains("table of embed") && $0.contains("rank") })
    guard case .quantized(let codes)? = compressed.model.graph.initializers["table"] else {
      Issue.record("the table was not quantized")
      return
    }
    #expect(codes.scales.count == 7 && codes.nonzeroCount <= 14)
    let rounded = try Compressor(model: model).compress(
      Recipe(model: LayerSettings().with(\.weightBits, .quantized(.int8))))
    try expectSame(rounded.model, model, [2, 4], within: 0.1)
  }

  @Test("the packed product of an attention is a layer")
  func attention() throws {
    var net = NetworkBuilder(seed: 5)
    let weight = net.constant("w", net.normal([8, 24]))
    let bias = net.constant("b", net.normal([24]))
    net.node(
      "attn", runtime("Attention"), ["x", weight, bias], ["num_heads": .int(2), "unidirectional": .int(1)])
    let model = try normalized(net.model(input: [2, 3, 8]), [2, 3, 8])
    let layer = try #require(LayerCatalog(model.graph)["attn"])
    #expect(layer.kind == "MatMul 24x8" && layer.restriction == nil && layer.biasName == "b")
    let compressed = try Compressor(model: model).compress(Recipe(model: LayerSettings().with(\.rank, 0.5)))
    #expect(compressed.layers[0].remarks == [])
    _ = try compressed.model.run([2, 3, 8])
  }

  /// Codes of a weight, with scales by column.
  private func codes(_ net: inout NetworkBuilder, _ shape: [Int], columns: Int) -> [String] {
    let values = net.normal(shape, scale: 40).floats
    return [
      net.constant(
        "q",
        Tensor(shape: Shape(known: shape), of: Int8.self) { target in
          for place in target.indices { target[place] = Int8(max(-127, min(127, values[place]))) }
        }),
      net.constant(
        "s",
        Tensor(shape: Shape(known: [columns]), of: Float.self) {
          for place in $0.indices { $0[place] = 0.001 + Float(place) / 5000 }
        }
      ),
      net.constant(
        "z", Tensor(shape: Shape(known: [columns]), of: Int8.self) { $0.initialize(repeating: 0) }),
    ]
  }

  @Test("products that ONNX Runtime fused are layers of their stored width")
  func fused() throws {
    var net = NetworkBuilder(seed: 6)
    let weight = codes(&net, [8, 6], columns: 6)
    let bias = net.constant("b", net.normal([6]))
    net.node("fc", runtime("DynamicQuantizeMatMul"), ["x"] + weight + [bias])
    let dynamic = try normalized(net.model(input: [3, 8]), [3, 8])
    #expect(LayerCatalog(dynamic.graph)["fc"]?.kind == "MatMul 6x8, 8 bits")

    var other = NetworkBuilder(seed: 7)
    let parts = codes(&other, [8, 6], columns: 6)
    other.nodes.append(
      Node(name: "dq", kind: "DynamicQuantizeLinear", inputs: ["x"], outputs: ["xq", "xs", "xz"]))
    other.node("fc", runtime("MatMulIntegerToFloat"), ["xq", parts[0], "xs", parts[1], "xz", parts[2]])
    let integer = try normalized(other.model(input: [3, 8]), [3, 8])
    #expect(LayerCatalog(integer.graph)["fc"]?.kind == "MatMul 6x8, 8 bits")
  }

  @Test("quantized convolutions with their channels last are layers")
  func channelsLast() throws {
    var net = NetworkBuilder(seed: 8)
    let weight = codes(&net, [5, 3, 3, 3], columns: 5)
    func number<Element: TensorElement>(_ name: String, _ value: Element) -> String {
      net.constant(name, Tensor(scalar: value))
    }
    let (scale, zero) = (number("xs", Float(0.02)), number("xz", UInt8(128)))
    let (last, middle) = (number("ys", Float(0.1)), number("yz", UInt8(128)))
    net.node("quantize", "QuantizeLinear", ["x", scale, zero])
    net.node(
      "conv", runtime("QLinearConv"), [net.value, scale, zero] + weight + [last, middle],
      ["channels_last": .int(1), "pads": .ints([1, 1, 1, 1])])
    net.node("dequantize", "DequantizeLinear", [net.value, last, middle])
    // What lies between two codes may go either way.
    let model = net.model(input: [1, 4, 4, 3])
    var other = model
    other.graph = try LayerForms.normalized(model.graph)
    #expect(LayerCatalog(other.graph)["conv"]?.kind == "Conv 5x3x3x3, 8 bits")
    let (found, expected) = (try other.run([1, 4, 4, 3]), try model.run([1, 4, 4, 3]))
    for (name, tensor) in expected {
      let value = try #require(found[name])
      #expect(value.shape == tensor.shape)
      #expect(zip(value.floats, tensor.floats).allSatisfy { abs($0 - $1) <= 0.1001 })
    }
  }

  @Test("attention over codes is a layer of its stored width")
  func codedAttention() throws {
    var net = NetworkBuilder(seed: 9)
    let weight = codes(&net, [8, 24], columns: 24)
    let bias = net.constant("b", net.normal([24]))
    let (scale, zero) = (
      net.constant("xs", Tensor(scalar: Float(0.02))), net.constant("xz", Tensor(scalar: UInt8(128)))
    )
    net.node("quantize", "QuantizeLinear", ["x", scale, zero])
    net.node(
      "attn", runtime("QAttention"),
      [net.value, weight[0], bias, scale, weight[1], "", zero, weight[2]], ["num_heads": .int(2)])
    let model = try normalized(net.model(input: [2, 3, 8]), [2, 3, 8])
    #expect(LayerCatalog(model.graph)["attn"]?.kind == "MatMul 24x8, 8 bits")
  }

  @Test("layers inside loops and scans can be compressed")
  func loops() throws {
    var net = NetworkBuilder(seed: 10)
    func info(_ name: String, _ type: DataType = .float32, _ dimensions: [Int] = []) -> ValueInfo {
      ValueInfo(name: name, dataType: type, dimensions: dimensions.map { .fixed($0) })
    }
    let body = Graph(
      name: "body", inputs: [info("i", .int64), info("on", .bool), info("h", .float32, [2, 4])],
      outputs: [info("on", .bool), info("next", .float32, [2, 4])],
      nodes: [Node(name: "fc", kind: "MatMul", inputs: ["h", "w"], outputs: ["next"])],
      initializers: ["w": .dense(net.normal([4, 4], scale: 0.4))], opsets: ["": 17])
    let (times, condition) = (
      net.constant("times", Tensor(scalar: Int64(3))), net.constant("go", Tensor(scalar: true))
    )
    net.node("loop", "Loop", [times, condition, "x"], ["body": .graph(body)])
    let model = try normalized(net.model(input: [2, 4]), [2, 4])
    let layer = try #require(LayerCatalog(model.graph).layers.first)
    #expect(
      layer.name == "loop/fc" && layer.kind == "MatMul 4x4" && layer.restriction == "a layer inside Loop")
    let compressed = try Compressor(model: model).compress(
      Recipe(model: LayerSettings().with(\.weightBits, .quantized(.int8))))
    try expectSame(compressed.model, model, [2, 4], within: 0.1)
  }
}
