import Compression
import GraphIR
import Rewriting
import Recipes
import TensorCore
import Testing

/// However a layer is written, it is one layer, and computes what it did.
@Suite("Layers in other forms")
struct LayerFormTests {
  /// The model with its layers in common forms, after a check that its outputs are the same.
  private func normalized(_ model: Model, _ input: [Int]) throws -> Model {
    var other = model
    other.graph = try LayerForms.normalized(model.graph)
    let before = try model.run(input)
    let after = try other.run(input)
    for (name, expected) in before {
      let found = try #require(after[name])
      #expect(found.shape == expected.shape)
      #expect(zip(found.floats, expected.floats).allSatisfy { abs($0 - $1) <= 1e-4 * max(1, abs($1)) })
    }
    return other
  }

  @Test func aWeightBehindNodesIsTheLayersOwn() throws {
    var net = NetworkBuilder(seed: 1)
    net.node("turn", "Transpose", [net.constant("w", net.normal([6, 4]))])
    let same = net.node("same", "Identity", [net.value])
    net.node("a", "MatMul", ["x", same])
    let half = net.constant(
      "h", Tensor(shape: [6, 3], of: Float16.self) { for index in $0.indices { $0[index] = 0.5 } })
    let wide = { (net: inout NetworkBuilder) -> String in
      let value = net.value
      let cast = net.node("wide", "Cast", [half], ["to": .int(1)])
      net.value = value
      return cast
    }(&net)
    net.node("b", "MatMul", [net.value, wide])
    let model = try normalized(net.model(input: [2, 4]), [2, 4])
    #expect(LayerCatalog(model.graph).layers.map(\.kind) == ["MatMul 6x4", "MatMul 3x6"])
    #expect(model.graph.nodes.map(\.name) == ["a", "b"])
  }

  @Test func aSharedWeightIsNotDoubled() throws {
    var net = NetworkBuilder(seed: 2)
    let table = net.constant("table", net.normal([5, 4]))
    net.node("turn", "Transpose", [table])
    let turned = net.value
    net.node("in", "MatMul", ["x", table])
    net.node("out", "MatMul", [net.value, turned])
    let model = try normalized(net.model(input: [1, 5]), [1, 5])
    #expect(model.parameterCount == 20)
  }

  @Test(arguments: [
    ("bld,dk->blk", [2, 3, 4], [4, 5]), ("bld,dhk->bhlk", [2, 3, 4], [4, 2, 3]),
    ("blhk,hkd->bld", [2, 3, 2, 4], [2, 4, 5]), ("ab,cb->ca", [3, 4], [5, 4]),
  ])
  func einsum(_ equation: String, _ input: [Int], _ weight: [Int]) throws {
    var net = NetworkBuilder(seed: 3)
    let constant = net.constant("w", net.normal(weight))
    net.node("e", "Einsum", ["x", constant], ["equation": .string(equation)])
    let model = try normalized(net.model(input: input), input)
    let layer = try #require(LayerCatalog(model.graph)["e"])
    #expect(layer.parameters == weight.reduce(1, *))
    #expect(layer.form == .matMul)
  }

  @Test func anEinsumThatIsNoProductStays() throws {
    var net = NetworkBuilder(seed: 3)
    let constant = net.constant("w", net.normal([2, 4]))
    net.node("e", "Einsum", ["x", constant], ["equation": .string("bd,bd->bd")])
    #expect(try LayerCatalog(normalized(net.model(input: [2, 4]), [2, 4]).graph).layers.isEmpty)
  }

  @Test func aTransposedConvolutionIsALayerThatSaysWhatItCannot() throws {
    var net = NetworkBuilder(seed: 4)
    let weight = net.constant("w", net.normal([3, 5, 2, 2]))
    net.node("up", "ConvTranspose", ["x", weight], ["strides": .ints([2, 2])])
    let model = try normalized(net.model(input: [1, 3, 4, 4]), [1, 3, 4, 4])
    let layer = try #require(LayerCatalog(model.graph)["up"])
    #expect(layer.kind == "ConvTranspose 5x3x2x2")
    let recipe = Recipe(
      model: LayerSettings().with(\.prune, 0.5).with(\.weightBits, .quantized(.int8)).with(\.rank, 0.5))
    let compressed = try Compressor(model: model).compress(recipe)
    #expect(compressed.layers[0].remarks.contains { $0.contains("not factorized") })
    guard case .quantized(let codes)? = compressed.model.graph.initializers[layer.weightName] else {
      Issue.record("the weight was not quantized")
      return
    }
    #expect(codes.scales.count == 5)
    #expect(codes.nonzeroCount <= 30)
    _ = try compressed.model.run([1, 3, 4, 4])
  }

  @Test func layersInsideBranchesCanBeCompressed() throws {
    var net = NetworkBuilder(seed: 5)
    func branch(_ name: String) -> Attribute {
      .graph(
        Graph(
          name: name, inputs: [],
          outputs: [ValueInfo(name: "\(name)/y", dataType: .float32, dimensions: nil)],
          nodes: [Node(name: "\(name)/fc", kind: "MatMul", inputs: ["x", "w"], outputs: ["\(name)/y"])],
          initializers: ["w": .dense(net.normal([4, 3]))], opsets: ["": 17]))
    }
    let (then, otherwise) = (branch("then"), branch("else"))
    let zero = net.constant("zero", Tensor(scalar: Float(0)))
    net.node("sum", "ReduceSum", ["x"], ["keepdims": .int(0)])
    net.node("test", "Greater", [net.value, zero])
    net.node("if", "If", [net.value], ["then_branch": then, "else_branch": otherwise])
    let model = try normalized(net.model(input: [2, 4]), [2, 4])
    let catalog = LayerCatalog(model.graph)
    #expect(catalog.names == ["if/else/fc", "if/then/fc"])
    #expect(Set(catalog.layers.map(\.weightName)).count == 2)
    let compressed = try Compressor(model: model).compress(
      Recipe(model: LayerSettings().with(\.weightBits, .quantized(.int8))))
    for layer in catalog.layers {
      guard case .quantized? = compressed.model.graph.initializers[layer.weightName] else {
        Issue.record("\(layer.name) was not quantized")
        return
      }
    }
    _ = try compressed.model.run([2, 4])
  }

  @Test func packedWeightsOpenWithTheirWidth() throws {
    var net = NetworkBuilder(seed: 6)
    let packed = net.constant(
      "q",
      Tensor(shape: [3, 2, 8], of: UInt8.self) { for index in $0.indices { $0[index] = UInt8(index * 5) } })
    let scales = net.constant(
      "s", Tensor(shape: [6], of: Float.self) { for index in $0.indices { $0[index] = Float(index + 1) } })
    net.node(
      "proj", OperatorKind("MatMulNBits", domain: "com.microsoft"), ["x", packed, scales],
      ["K": .int(32), "N": .int(3), "bits": .int(4), "block_size": .int(16)])
    let graph = try LayerForms.normalized(net.model(input: [1, 32]).graph)
    let layer = try #require(LayerCatalog(graph)["proj"])
    guard case .quantized(let weight)? = graph.initializers[layer.weightName] else {
      Issue.record("the weight is not quantized")
      return
    }
    #expect(weight.bits == .int4)
    #expect(weight.groupSize == 16)
    // Row 17 of column 1: byte 8 of output 1's second block is 5 * 24 = 120, its high half 7.
    let values = weight.dequantized().floats
    #expect(values[17 * 3 + 1] == 4 * Float((120 >> 4) - 8))
  }
}
