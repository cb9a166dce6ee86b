import Compression
import GraphIR
import Recipes
import TensorCore
import Testing

/// What the bodies of If read from around them is read: nothing may be changed as if there were one reader.
@Suite struct OuterReaderTests {
  /// Conv -> (BatchNormalization) -> Relu -> Conv, added to what an If gives of a value in between.
  private func model(read: String, hasNorm: Bool) -> Model {
    var net = NetworkBuilder(seed: 5)
    net.conv("a", 3, 6)
    if hasNorm { net.batchNormalization("bn", 6) }
    net.node("r", "Relu", [net.value])
    net.conv("b", 6, 6)
    let branch = { (name: String, kind: OperatorKind) in
      Attribute.graph(
        Graph(
          name: name, inputs: [], outputs: [ValueInfo(name: name, dataType: .float32, dimensions: nil)],
          nodes: [Node(name: "\(name)/node", kind: kind, inputs: [read], outputs: [name])], initializers: [:],
          opsets: ["": 17]))
    }
    let yes = net.constant("yes", Tensor(shape: [], of: Bool.self) { $0[0] = true })
    let direct = net.value
    let chosen = net.node(
      "if", "If", [yes], ["then_branch": branch("then", "Identity"), "else_branch": branch("else", "Neg")])
    net.node("sum", "Add", [direct, chosen])
    return net.model(input: [1, 3, 5, 5])
  }

  private func expectSame(_ model: Model, _ settings: LayerSettings) throws {
    let calibration = TestCalibration([4, 3, 5, 5])
    let compressed = try Compressor(model: model, activations: calibration).compress(Recipe(model: settings))
    #expect(try relativeError(model, compressed.model, [1, 3, 5, 5]) < 0.05, "\(settings)")
  }

  @Test(arguments: Equalization.allCases) func equalizationLeavesAlone(method: Equalization) throws {
    let settings = LayerSettings().with(\.weightBits, .quantized(.int8)).with(\.equalization, method)
    try expectSame(model(read: "r:0", hasNorm: false), settings)
    try expectSame(model(read: "a:0", hasNorm: false), settings)
  }

  @Test func normsReadInFrontAreKept() throws {
    let settings = LayerSettings().with(\.weightBits, .quantized(.int8)).with(\.batchNorm, .folded)
    try expectSame(model(read: "a:0", hasNorm: true), settings)
    try expectSame(model(read: "bn:0", hasNorm: true), settings)
  }

  @Test func channelsReadInsideStay() throws {
    let settings = LayerSettings().with(\.prune, 0.5).with(\.pattern, .channels)
    let compressed = try Compressor(model: model(read: "a:0", hasNorm: false)).compress(
      Recipe(model: settings))
    #expect(compressed.model.graph.initializers["a.weight"]?.shape == [6, 3, 3, 3])
    #expect(compressed.layers[0].remarks != [])
  }

  /// Channels may be divided at a layer only where its weight is its own.
  @Test func weightsThatOthersReadAreNotScaled() throws {
    var net = NetworkBuilder(seed: 8)
    net.gemm("a", 6, 6, transposed: false)
    net.node("r", "Relu", [net.value])
    net.gemm("b", 6, 6, transposed: false)
    net.node("other", "Add", [net.value, "a.weight"])
    let model = net.model(input: [6, 6])
    for method in Equalization.allCases {
      let settings = LayerSettings().with(\.weightBits, .quantized(.int8)).with(\.equalization, method)
      let compressed = try Compressor(model: model, activations: TestCalibration([6, 6], batches: 6))
        .compress(
          Recipe(model: settings))
      #expect(try relativeError(model, compressed.model, [6, 6]) < 0.05, "\(method.label)")
    }
  }
}
