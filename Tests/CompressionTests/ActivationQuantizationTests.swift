import Compression
import GraphIR
import Operators
import Recipes
import Synchronization
import TensorCore
import Testing

@Suite struct ActivationQuantizationTests {
  private func recipe(
    _ calibration: RangeMethod = .minMax, prune: Double = 0,
    bits: WeightBits = .int8
  ) -> Recipe {
    Recipe(
      model: LayerSettings().with(\.prune, prune).with(\.weightBits, .quantized(bits)).with(
        \.activationBits, .int8
      ).with(\.range, calibration))
  }

  @Test func everyQuantizedLayerReadsEightBits() throws {
    let model = smallConvNet()
    let compressed = try Compressor(model: model, activations: TestCalibration([1, 3, 6, 6])).compress(
      recipe())
    let graph = try compressed.model.graph.sorted()
    for layer in ["c1", "c2", "f1", "f2"] {
      let node = graph.nodes.first { $0.name == layer }!
      let dequantize = graph.nodes.first { $0.outputs.contains(node.inputs[0]) }!
      #expect(dequantize.kind == "DequantizeLinear")
      let quantize = graph.nodes.first { $0.outputs.contains(dequantize.inputs[0]) }!
      #expect(quantize.kind == "QuantizeLinear")
      #expect(quantize.inputs.dropFirst() == dequantize.inputs.dropFirst())
      #expect(graph.initializers[quantize.inputs[1]]?.dataType == .float32)
      #expect(graph.initializers[quantize.inputs[2]]?.dataType == .uint8)
    }
    #expect(graph.nodes.map(\.name) == compressed.model.graph.nodes.map(\.name))
    #expect(compressed.layers.allSatisfy { $0.remarks.isEmpty })
    #expect(compressed.size.bytes == compressed.storedBytes.count)
    let exact = try model.run([1, 3, 6, 6]).values.first!
    let coarse = try compressed.model.run([1, 3, 6, 6]).values.first!
    let error = zip(exact.floats, coarse.floats).map { ($0 - $1).magnitude }.max()!
    #expect(error < 0.05 * exact.floats.map(\.magnitude).max()!)
    #expect(error > 0)
  }

  @Test func rangesHoldWhatWasObserved() throws {
    let calibration = TestCalibration([4, 30])
    let compressed = try Compressor(model: smallMLP(), activations: calibration).compress(recipe())
    let graph = compressed.model.graph
    for value in ["x", "r1:0"] {
      let seen = try calibration.values(of: smallMLP())[value]!.flatMap(\.floats)
      let quantize = graph.nodes.first { $0.kind == "QuantizeLinear" && $0.inputs[0] == value }!
      let scale = graph.initializers[quantize.inputs[1]]!.tensor.floats[0]
      let zero = graph.initializers[quantize.inputs[2]]!.tensor.floats[0]
      let (low, high) = (min(seen.min()!, 0), max(seen.max()!, 0))
      #expect((scale - (high - low) / 255).magnitude < 1e-6)
      #expect(zero == (-low / scale).rounded())
      if value == "r1:0" { #expect(zero == 0) }
    }
  }

  @Test func percentilesClip() throws {
    let calibration = TestCalibration([64, 30], outlier: 1000)
    let compressor = Compressor(model: smallMLP(), activations: calibration)
    func scale(_ method: RangeMethod) throws -> Float {
      let graph = try compressor.compress(recipe(method)).model.graph
      let quantize = graph.nodes.first { $0.kind == "QuantizeLinear" && $0.inputs[0] == "x" }!
      return graph.initializers[quantize.inputs[1]]!.tensor.floats[0]
    }
    let full = try scale(.minMax)
    let clipped = try scale(.percentile)
    #expect(full > 3)
    let sorted = try calibration.values(of: smallMLP())["x"]!.flatMap(\.floats).map(\.magnitude)
      .filter { $0 != 0 }.sorted()
    let limit = sorted[Int((0.999 * Double(sorted.count)).rounded(.up)) - 1]
    #expect(clipped * 255 > limit)
    #expect(clipped * 255 < 2 * limit * 1.002)
  }

  @Test func oneRunServesAllBitsAndMethods() throws {
    let calibration = TestCalibration([4, 30])
    let compressor = Compressor(model: smallMLP(), activations: calibration)
    for bits in WeightBits.allCases { _ = try compressor.compress(recipe(bits: bits)) }
    #expect(calibration.runs == 1)
    _ = try compressor.compress(recipe(.percentile))
    #expect(calibration.runs == 2)
    _ = try compressor.compress(recipe(.minMax, bits: .int4))
    #expect(calibration.runs == 2)
    _ = try compressor.compress(recipe(prune: 0.5))
    #expect(calibration.runs == 3)
    let without = try compressor.compress(
      Recipe(model: LayerSettings().with(\.weightBits, .quantized(.int8))))
    #expect(calibration.runs == 3)
    #expect(without.model.graph.nodes.count == 3)
  }

  @Test func layersThatReadTheSameValueShareAPair() throws {
    var net = NetworkBuilder(seed: 4)
    net.matMul("q", 6, 6, bias: false)
    let first = net.value
    net.value = "x"
    net.matMul("k", 6, 6, bias: false)
    net.node("sum", "Add", [first, net.value])
    let model = net.model(input: [2, 6])
    let compressor = Compressor(model: model, activations: TestCalibration([2, 6]))
    let shared = try compressor.compress(recipe()).model.graph
    #expect(shared.nodes.count { $0.kind == "QuantizeLinear" } == 1)
    #expect(
      shared.nodes.map(\.kind.type) == ["QuantizeLinear", "DequantizeLinear", "MatMul", "MatMul", "Add"])
    var mixed = recipe()
    mixed.layers["k"] = LayerOverride()
    mixed.layers["k"]?.range = .percentile
    #expect(try compressor.compress(mixed).model.graph.nodes.count { $0.kind == "QuantizeLinear" } == 2)
    #expect(throws: Never.self) { try compressor.compress(mixed).model.graph.sorted() }
  }

  @Test func factorPairsAreQuantizedTwice() throws {
    var pair = recipe()
    pair.model.rank = 0.25
    let compressed = try Compressor(model: smallMLP(), activations: TestCalibration([2, 30])).compress(pair)
    #expect(compressed.model.graph.nodes.count { $0.kind == "QuantizeLinear" } == 4)
    #expect(compressed.layers[0].nodes == ["f1/rank0", "f1/rank1"])
  }

  @Test func settingsWithoutEffectAreSaid() throws {
    let float = Recipe(model: LayerSettings().with(\.activationBits, .int8))
    let compressed = try Compressor(model: smallMLP(), activations: TestCalibration([1, 30])).compress(float)
    #expect(compressed.layers[0].remarks == ["8-bit activations need quantized weights: no effect"])
    let dataless = try Compressor(model: smallMLP()).compress(recipe())
    #expect(
      dataless.layers[0].remarks
        == ["8-bit activations need calibration data: give some, until then they stay at 32 bits"])
    #expect(dataless.model.graph.nodes.count == 3)
  }

  @Test func badCalibrationIsNamed() throws {
    let broken = Compressor(model: smallMLP(), activations: TestCalibration([2, 30], outlier: .nan))
    let origin = NonFiniteOrigin(value: "x", maker: nil, isNaN: true, sample: 1)
    #expect(throws: CompressionError.nonFiniteActivation(value: "r1:0", origin: origin)) {
      try broken.compress(recipe())
    }
    let silent = Compressor(model: smallMLP(), activations: TestCalibration([2, 30], batches: 0))
    #expect(throws: CompressionError.unobservedActivation(value: "r1:0")) { try silent.compress(recipe()) }
  }

  /// A row of scores that are all masked has no largest: Softmax makes NaN of it, methods that ask for no codes stop too.
  @Test func theNodeThatMakesNaNIsNamed() throws {
    var net = NetworkBuilder(seed: 1)
    net.matMul("first", 6, 6)
    let least = net.constant("least", Tensor(scalar: -Float.infinity))
    let zero = net.constant("zero", Tensor(scalar: Float(0)))
    let low = net.node("low", "Less", ["x", zero])
    net.node("masked", "Where", [low, least, "first.add:0"])
    net.node("p", "Softmax", [net.value], ["axis": .int(-1)])
    net.matMul("last", 6, 6)
    let model = net.model(input: [1, 6])
    let error = CompressionError.nonFiniteActivation(
      value: "p:0", origin: NonFiniteOrigin(value: "p:0", maker: "p (Softmax)", isNaN: true, sample: 1))
    let codes = LayerSettings().with(\.weightBits, .quantized(.int4))
    let wanda = LayerSettings().with(\.prune, 0.5).with(\.criterion, .wanda)
    for settings in [codes.with(\.rounding, .gptq), codes.with(\.bias, .corrected), wanda] {
      // All of the first row are below zero.
      let masked = TestCalibration([1, 6], shift: -100)
      #expect(throws: error) {
        try Compressor(model: model, activations: masked).compress(Recipe(model: settings))
      }
    }
    #expect(!error.description.contains("8-bit"))
  }

  @Test func valuesThatNeverMoveHaveScaleOne() throws {
    let still = Compressor(model: smallMLP(), activations: TestCalibration([2, 30], scale: 0))
    let graph = try still.compress(recipe()).model.graph
    let quantize = graph.nodes.first { $0.kind == "QuantizeLinear" && $0.inputs[0] == "x" }!
    #expect(graph.initializers[quantize.inputs[1]]!.tensor.floats == [1])
  }
}

/// Calibration by the reference runner, on seeded batches.
final class TestCalibration: ActivationSource {
  private let shape: Shape
  private let batches: Int
  private let outlier: Float?
  private let scale: Float
  private let shift: Float
  private let count = Mutex(0)

  init(_ shape: [Int], batches: Int = 2, outlier: Float? = nil, scale: Float = 1, shift: Float = 0) {
    self.shape = Shape(known: shape)
    self.batches = batches
    self.outlier = outlier
    self.scale = scale
    self.shift = shift
  }

  var runs: Int { count.withLock { $0 } }

  func observe(
    _ values: Set<String>, of graph: Graph, samples: Int?,
    body: (String, Shape, UnsafeBufferPointer<Float>) -> Void
  ) throws {
    count.withLock { $0 += 1 }
    for batch in try self.batches(of: graph) {
      for name in values {
        guard let tensor = batch[name] else { continue }
        tensor.floats.withUnsafeBufferPointer { body(name, tensor.shape, $0) }
      }
    }
  }

  func values(of model: Model) throws -> [String: [Tensor]] {
    var all: [String: [Tensor]] = [:]
    for batch in try batches(of: model.graph) {
      for (name, tensor) in batch { all[name, default: []].append(tensor) }
    }
    return all
  }

  private func batches(of graph: Graph) throws -> [[String: Tensor]] {
    try (0..<batches).map { index in
      var random = SeededGenerator(seed: UInt64(100 + index))
      var values = (0..<shape.count).map { _ in random.normal() * scale + shift }
      if let outlier, index == 0 { values[0] = outlier }
      var wide = graph
      wide.inputs[0].dimensions = shape.dimensions.map { .fixed($0) }
      let input = try Tensor(shape: shape, values)
      return try referenceRunner.runAll(wide, inputs: [graph.inputs[0].name: input])
    }
  }
}
