import Compression
import GraphIR
import Recipes
import TensorCore
import Testing

/// Every form that a Gemm may have, through every pass that scales or folds.
@Suite struct GemmFormTests {
  struct Form: CustomTestStringConvertible, Sendable {
    var transA = false
    var alpha: Float = 1
    var beta: Float = 1
    /// The bias of the first Gemm.
    var bias: [Int]? = [6]
    var testDescription: String { "transA \(transA), alpha \(alpha), beta \(beta), bias \(bias ?? [])" }
  }

  static let forms: [Form] = [
    Form(transA: true), Form(alpha: 0.5), Form(beta: 0.25), Form(alpha: -2, beta: 3), Form(bias: nil),
    Form(beta: 2, bias: nil), Form(bias: []), Form(bias: [1]), Form(bias: [1, 1]), Form(bias: [1, 6]),
    Form(bias: [6, 1]), Form(bias: [6, 6]), Form(alpha: 0.5, beta: 2, bias: [6, 1]),
    Form(transA: true, alpha: 0.5, beta: 3, bias: [6, 1]),
  ]

  /// Gemm -> (BatchNormalization) -> Relu -> Gemm of matrices 6x6, where an axis taken for another is not found out by
  /// its size.
  private func model(_ form: Form, hasNorm: Bool = false) -> Model {
    var net = NetworkBuilder(seed: 21)
    for name in ["a", "b"] {
      let spread = (0..<36).map { Float(1 << ($0 % 6)) / 8 }
      let weight = zip(net.normal([6, 6]).floats, spread).map { $0 * $1 }
      var inputs = [net.value, net.constant("\(name).weight", try! Tensor(shape: [6, 6], weight))]
      if let bias = form.bias { inputs.append(net.constant("\(name).bias", net.normal(bias))) }
      net.node(
        name, "Gemm", inputs,
        ["transA": .int(form.transA ? 1 : 0), "alpha": .float(form.alpha), "beta": .float(form.beta)])
      if name == "a" {
        if hasNorm { net.batchNormalization("bn", 6) }
        net.node("r", "Relu", [net.value])
      }
    }
    return net.model(input: [6, 6])
  }

  private func expectSame(_ model: Model, _ settings: LayerSettings, within bound: Float = 0.05) throws {
    let compressor = Compressor(model: model, activations: TestCalibration([6, 6], batches: 6))
    let compressed = try compressor.compress(Recipe(model: settings))
    #expect(try relativeError(model, compressed.model, [6, 6]) < bound, "\(settings)")
  }

  @Test(arguments: forms) func scalingAndFolding(form: Form) throws {
    let codes = LayerSettings().with(\.weightBits, .quantized(.int8))
    for method in Equalization.allCases { try expectSame(model(form), codes.with(\.equalization, method)) }
    try expectSame(model(form, hasNorm: true), codes.with(\.batchNorm, .folded))
    try expectSame(model(form), codes.with(\.bias, .corrected))
    try expectSame(model(form), codes.with(\.rounding, .adaRound))
    try expectSame(model(form), codes.with(\.activationBits, .int8), within: 0.1)
  }

  /// A bias of zeros that an exporter merged is each layer's own where it is scaled.
  @Test func mergedBiasesAreScaledAlone() throws {
    var merged = model(Form())
    for index in merged.graph.nodes.indices where merged.graph.nodes[index].kind == "Gemm" {
      merged.graph.nodes[index].inputs[2] = "a.bias"
    }
    let codes = LayerSettings().with(\.weightBits, .quantized(.int8))
    for method in Equalization.allCases {
      try expectSame(merged, codes.with(\.equalization, method))
      let compressor = Compressor(model: merged, activations: TestCalibration([6, 6], batches: 6))
      let scaled = try compressor.compress(Recipe(model: codes.with(\.equalization, method)))
      // One Mul at the model's input; between the layers none is needed.
      #expect(scaled.model.graph.nodes.count { $0.kind == "Mul" } <= 1, "\(method.label)")
    }
  }

  @Test(arguments: forms) func factorsAndChannels(form: Form) throws {
    let rank = LayerSettings().with(\.rank, 0.999).with(\.rankBy, .energy)
    try expectSame(model(form), rank.with(\.factorization, .activationSVD), within: 0.2)
    var model = model(form)
    // Neurons of zero weights and biases.
    let gone = form.transA ? [] : [1, 4]
    for (name, axis) in [("a.weight", 1), ("a.bias", (form.bias?.count ?? 1) - 1)] {
      guard let tensor = model.graph.initializers[name]?.tensor, axis >= 0,
        tensor.shape.dimensions.last == 6 || name == "a.weight"
      else { continue }
      let values = tensor.floats.enumerated().map { gone.contains($0.offset % 6) ? 0 : $0.element }
      model.graph.initializers[name] = .dense(try Tensor(shape: tensor.shape, values))
    }
    guard form.bias.map({ $0.last == 6 }) ?? true else { return }
    let channels = LayerSettings().with(\.prune, 1.0 / 3).with(\.pattern, .channels).with(
      \.allocation, .uniform)
    try expectSame(model, channels, within: 1e-5)
    try expectSame(model, channels.with(\.compensation, .mean), within: 1e-5)
  }
}
