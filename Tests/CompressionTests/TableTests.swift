import Compression
import GraphIR
import Recipes
import Rewriting
import TensorCore
import Testing

/// Tables whose rows are looked up, by indices that are fed.
@Suite("Embedding tables")
struct TableTests {
  /// ids [2, 3] -> rows of `table` [9, 6], times `head` [6, 4].
  private func model(_ table: Tensor? = nil, isTied: Bool = false) -> Model {
    var net = NetworkBuilder(seed: 4)
    let rows = net.constant("wte.weight", table ?? net.normal([9, 6]))
    let width = table?.shape[1] ?? 6
    net.node("embed", "Gather", [rows, "x"])
    if isTied {
      let looked = net.value
      net.node("turn", "Transpose", [rows])
      net.node("head", "MatMul", [looked, net.value])
    } else {
      net.matMul("head", width, 4)
    }
    var model = net.model(input: [2, 3])
    model.graph.inputs = [ValueInfo(name: "x", dataType: .int64, dimensions: [.fixed(2), .fixed(3)])]
    return model
  }

  private func run(_ model: Model) throws -> [Float] {
    let ids = try Tensor(shape: [2, 3], [0, 8, 3, 3, -1, 5] as [Int64])
    let graph = model.graph.wideningStoredHalves(keepsValues: true)
    return try referenceRunner.run(graph, inputs: ["x": ids]).values.flatMap(\.floats)
  }

  private func compressed(_ model: Model, _ settings: LayerSettings, layer: String? = nil) throws
    -> CompressedModel
  {
    let recipe =
      layer.map { Recipe(layers: [$0: LayerOverride(settings, over: LayerSettings())]) }
      ?? Recipe(model: settings)
    return try Compressor(model: model).compress(recipe)
  }

  @Test("a table is a layer with its rows as outputs")
  func layer() throws {
    let layer = try #require(LayerCatalog(model().graph)["embed"])
    #expect(layer.kind == "Embedding 9x6" && layer.obstacle == nil && layer.biasName == nil)
    #expect(layer.input == "x" && layer.parameters == 54 && layer.bytes == 216)
  }

  @Test("a table that constant indices read is no layer")
  func constantIndices() throws {
    var model = model()
    model.graph.initializers["x"] = .dense(try Tensor(shape: [2, 3], [Int64](repeating: 1, count: 6)))
    #expect(LayerCatalog(model.graph)["embed"] == nil)
  }

  @Test(
    "codes have a scale a row or a block along it",
    arguments: [WeightBits.int8, .int4, .int3, .int2], [ScaleGranularity.perChannel, .group32])
  func codes(bits: WeightBits, granularity: ScaleGranularity) throws {
    let settings = LayerSettings().with(\.weightBits, .quantized(bits)).with(\.granularity, granularity)
    var net = NetworkBuilder(seed: 6)
    let original = model(net.normal([9, 70]))
    let found = try compressed(original, settings)
    guard case .quantized(let table)? = found.model.graph.initializers["wte.weight"] else {
      Issue.record("the table was not quantized")
      return
    }
    #expect(table.axis == 0 && table.scales.count == 9 * (granularity == .perChannel ? 1 : 3))
    let dense = bits.packedByteCount(630) + 4 * table.scales.count
    // Most codes of 2 bits are zeros, of which a mask takes less.
    let size = found.layers[0].size.bytes
    #expect(bits == .int2 ? size < dense : size == dense)
    let values = original.floats("wte.weight")
    let step = table.scales.max() ?? 0
    for (old, new) in zip(values, table.dequantized().floats) {
      #expect(abs(old - new) <= (bits == .int2 ? 2 : 1) * step)
    }
    #expect(found.layers[0].remarks.allSatisfy { !$0.contains("activations") })
  }

  @Test("a table of known rank becomes a thin one and a product")
  func rank() throws {
    var net = NetworkBuilder(seed: 1)
    let (left, right) = (net.normal([9, 2]).floats, net.normal([2, 6]).floats)
    let values = (0..<54).map { (place: Int) -> Float in
      let (row, column) = (place / 6, place % 6)
      return left[2 * row] * right[column] + left[2 * row + 1] * right[6 + column]
    }
    let original = model(try Tensor(shape: [9, 6], values))
    var settings = LayerSettings()
    settings.rank = 1.0 / 3
    let found = try compressed(original, settings, layer: "embed")
    #expect(found.model.graph.nodes.map(\.name).prefix(2) == ["embed/rank0", "embed/rank1"])
    #expect(found.model.graph.nodes.map(\.kind).prefix(2) == ["Gather", "MatMul"])
    #expect(found.layers[0].size.parameters == 2 * (9 + 6) && found.layers[0].remarks == [])
    for (old, new) in zip(try run(original), try run(found.model)) { #expect(abs(old - new) < 1e-4) }
    settings.weightBits = .quantized(.int8)
    let both = try compressed(original, settings, layer: "embed")
    #expect(both.layers[0].size.bytes == 18 + 36 + 12 + 24)
  }

  @Test("weights are pruned, and 16 bits are halves")
  func pruned() throws {
    let half = try compressed(model(), LayerSettings().with(\.prune, 0.5), layer: "embed")
    #expect(half.layers[0].size.nonzeros == 27)
    let narrow = try compressed(model(), LayerSettings().with(\.weightBits, .float16), layer: "embed")
    #expect(narrow.layers[0].size.bytes == 108)
    for (old, new) in zip(try run(model()), try run(narrow.model)) { #expect(abs(old - new) < 1e-2) }
  }

  @Test("a table that a product reads too stays one weight")
  func tied() throws {
    let original = model(isTied: true)
    let catalog = LayerCatalog(original.graph)
    #expect(catalog.names == ["embed", "head"])
    #expect(catalog["embed"]?.sharedWith == ["head"] && catalog["embed"]?.obstacle == nil)
    let found = try compressed(
      original, LayerSettings().with(\.weightBits, .quantized(.int8)).with(\.rank, 0.5))
    #expect(found.model.graph.initializers.count == 1)
    #expect(
      found.layers[0].remarks.contains { $0.contains("a table that a product reads too is not factorized") })
    guard case .quantized? = found.model.graph.initializers["wte.weight"] else {
      Issue.record("the table was not quantized")
      return
    }
    for (old, new) in zip(try run(original), try run(found.model)) { #expect(abs(old - new) < 0.2) }
  }

  @Test("recipes name layers as they are called now, or as the file calls them")
  func formerNames() throws {
    var original = model()
    original.graph.nodes[0].name = "node_embedding_1"
    original.graph = try LayerForms.normalized(original.graph)
    #expect(LayerCatalog(original.graph).names == ["wte", "head"])
    let settings = LayerSettings().with(\.weightBits, .quantized(.int8))
    let new = try compressed(original, settings, layer: "wte")
    let former = try compressed(original, settings, layer: "node_embedding_1")
    #expect(new.size == former.size && new.size.bytes < new.size.originalBytes)
    #expect(former.recipe == new.recipe)
  }
}
