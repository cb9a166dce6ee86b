import Compression
import GraphIR
import Recipes
import Rewriting
import TensorCore
import Testing

/// Patterns on layers that can only be pruned by magnitude.
@Suite struct RestrictedPatternTests {
  /// A table that an embedding and the output projection share.
  private var tied: Model {
    var net = NetworkBuilder(seed: 4)
    let table = net.constant("table", net.normal([12, 8]))
    net.weights["ids"] = .dense(
      Tensor(shape: [1, 3], of: Int64.self) { for i in $0.indices { $0[i] = Int64(i) } })
    let rows = net.node("rows", "Gather", [table, "ids"])
    net.node("sum", "Add", [rows, "x"])
    net.matMul("mix", 8, 8)
    net.node("head", "MatMul", [net.value, net.node("turn", "Transpose", [table], ["perm": .ints([1, 0])])])
    net.nodes[net.nodes.count - 1].inputs[0] = "mix.add:0"
    return net.model(input: [1, 3, 8])
  }

  private var decoder: Model {
    var net = NetworkBuilder(seed: 4)
    net.conv("enc", 3, 8)
    net.node("r", "Relu", [net.value])
    let weight = net.constant("w", net.normal([8, 4, 2, 2]))
    net.node("up", "ConvTranspose", [net.value, weight], ["strides": .ints([2, 2])])
    net.node("r2", "Relu", [net.value])
    net.conv("out", 4, 2)
    var model = net.model(input: [1, 3, 4, 4])
    model.graph = try! LayerForms.normalized(model.graph)
    return model
  }

  private func compressed(_ model: Model, _ pattern: PruningPattern) throws -> (
    zeros: Int, of: CompressedModel
  ) {
    let settings = LayerSettings().with(\.prune, 0.5).with(\.pattern, pattern).with(\.allocation, .uniform)
    let found = try Compressor(model: model).compress(Recipe(model: settings))
    let zeros = found.model.graph.initializers.values.filter { $0.dataType == .float32 }
      .reduce(0) { $0 + $1.tensor.floats.count { $0 == 0 } }
    return (zeros, found)
  }

  @Test(arguments: [PruningPattern.channels, .heads, .layers]) func noSingleWeightsGoInstead(
    pattern: PruningPattern
  )
    throws
  {
    for (model, name) in [(tied, "head"), (decoder, "up")] {
      let (zeros, found) = try compressed(model, pattern)
      #expect(zeros == 0)
      #expect(found.layers.first { $0.name == name }?.remarks.isEmpty == false)
    }
  }

  @Test func whatAskedForStructureIsNamed() throws {
    let (_, found) = try compressed(decoder, .channels)
    #expect(
      found.layers[1].remarks == [
        "a transposed convolution has no channels that could go whole: none is pruned here"
      ])
  }

  /// Patterns of single weights hold for the matrix of outputs and inputs, whatever the layer.
  @Test func twoOfFourHoldsEverywhere() throws {
    let (_, found) = try compressed(decoder, .two4)
    guard let layer = LayerCatalog(found.model.graph)["up"] else { return }
    let values = found.model.floats(layer.weightName)
    for start in stride(from: 0, to: values.count, by: 4) {
      #expect(values[start..<start + 4].count { $0 == 0 } == 2)
    }
  }
}
