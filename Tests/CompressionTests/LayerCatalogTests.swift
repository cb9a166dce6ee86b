import Compression
import GraphIR
import Recipes
import TensorCore
import Testing

@Suite struct LayerCatalogTests {
  @Test func findsLayersInOrderWithTheirShape() {
    let catalog = LayerCatalog(smallConvNet().graph)
    #expect(catalog.names == ["c1", "c2", "f1", "f2"])
    #expect(catalog.layers.map(\.kind) == ["Conv 8x3x3x3", "Conv 12x8x3x3", "Gemm 20x432", "Gemm 5x20"])
    #expect(catalog["c2"]?.outputs == 12)
    #expect(catalog["c2"]?.inputs == 72)
    #expect(catalog["c2"]?.parameters == 864)
    #expect(catalog["c2"]?.bytes == 864 * 4 + 12 * 4)
    #expect(catalog["f1"]?.biasName == "f1.bias")
    #expect(catalog["nothing"] == nil)
  }

  @Test func orientsGemmAndMatMul() {
    var net = NetworkBuilder(seed: 3)
    net.gemm("a", 6, 4, transposed: false)
    net.matMul("b", 4, 7)
    let catalog = LayerCatalog(net.model(input: [1, 6]).graph)
    #expect(catalog["a"]?.outputAxis == 1)
    #expect(catalog["a"]?.outputs == 4)
    #expect(catalog["b"]?.outputs == 7)
    #expect(catalog["b"]?.biasNode == "b.add")
    #expect(catalog["b"]?.biasName == "b.bias")
  }

  @Test func aMatMulOfActivationsOrWithAConstantOnTheLeftIsNoLayer() {
    var net = NetworkBuilder(seed: 3)
    let left = net.constant("left", net.normal([4, 4]))
    net.node("a", "MatMul", ["x", "x"])
    net.node("b", "MatMul", [left, net.value])
    net.node("c", "Relu", [net.value])
    #expect(LayerCatalog(net.model(input: [4, 4]).graph).layers.isEmpty)
  }

  @Test func sharedWeightsKnowEachOther() throws {
    var net = NetworkBuilder(seed: 3)
    let weight = net.constant("w", net.normal([5, 5]))
    net.node("a", "MatMul", ["x", weight])
    net.node("b", "MatMul", [net.value, weight])
    let catalog = LayerCatalog(net.model(input: [1, 5]).graph)
    #expect(catalog["a"]?.sharedWith == ["b"])
    #expect(catalog["b"]?.sharedWith == ["a"])
    #expect(catalog["a"]?.obstacle == nil)
  }

  @Test func aWeightReadInAnotherWayIsAnObstacle() throws {
    var net = NetworkBuilder(seed: 3)
    let weight = net.constant("w", net.normal([5, 5]))
    net.node("a", "MatMul", ["x", weight])
    net.node("t", "Transpose", [weight])
    net.node("sum", "Add", ["a:0", "t:0"])
    let model = net.model(input: [5, 5])
    #expect(
      LayerCatalog(model.graph)["a"]?.obstacle == "its weight is also read by t in another way: left as it is"
    )
    let compressed = try Compressor(model: model).compress(Recipe(model: LayerSettings().with(\.prune, 0.5)))
    #expect(compressed.layers[0].remarks == ["its weight is also read by t in another way: left as it is"])
    #expect(compressed.model.floats("w") == model.floats("w"))
  }
}
