import Compression
import GraphIR
import Recipes
import TensorCore
import Testing

/// What is done across layers before and after rounding.
@Suite struct PreparationTests {
  /// The relative error of the outputs over a few inputs.
  private func error(_ model: Model, _ compressed: CompressedModel, _ input: [Int]) throws -> Float {
    var (distance, size) = (Float(0), Float(0))
    for seed in UInt64(70)..<78 {
      let exact = try model.run(input, seed: seed).values.first!.floats
      let coarse = try compressed.model.run(input, seed: seed).values.first!.floats
      size += exact.reduce(0) { $0 + $1 * $1 }
      distance += zip(exact, coarse).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    }
    return (distance / size).squareRoot()
  }

  /// The model with a layer's outputs and what reads them scaled apart, which changes nothing but the ranges.
  private func unbalanced(_ model: Model, _ first: String, _ second: String) -> Model {
    var result = model
    let (w, b, v) = (
      model.floats("\(first).weight"), model.floats("\(first).bias"), model.floats("\(second).weight")
    )
    let (outer, inner) = (
      model.graph.initializers["\(first).weight"]!.shape, model.graph.initializers["\(second).weight"]!.shape
    )
    let factors = (0..<outer[0]).map { Float(1 << ($0 % 7)) }
    let (width, step) = (w.count / outer[0], inner.count / inner[0] / outer[0])
    let isColumn = second == "f2"
    func dense(_ shape: Shape, _ values: [Float]) -> Weight { .dense(try! Tensor(shape: shape, values)) }
    result.graph.initializers["\(first).weight"] = dense(
      outer, w.indices.map { w[$0] * factors[$0 / width] })
    result.graph.initializers["\(first).bias"] = dense(
      [outer[0]], b.indices.map { b[$0] * factors[$0] })
    result.graph.initializers["\(second).weight"] = dense(
      inner,
      v.indices.map { v[$0] / factors[isColumn ? $0 / inner[1] : $0 % (v.count / inner[0]) / step] })
    return result
  }

  @Test func equalizationEvensOutWhatAScalePerTensorCannot() throws {
    for (model, first, second, input) in [
      (smallMLP(), "f1", "f2", [1, 30]), (smallConvNet(), "c1", "c2", [1, 3, 6, 6]),
      (smallConvNet(), "c2", "f1", [1, 3, 6, 6]),
    ] {
      let hard = unbalanced(model, first, second)
      #expect(
        try zip(hard.run(input).values.first!.floats, model.run(input).values.first!.floats)
          .allSatisfy { ($0 - $1).magnitude < 1e-2 * max(1, $1.magnitude) })
      var settings = LayerSettings().with(\.weightBits, .quantized(.int8)).with(\.granularity, .perTensor)
      let plain = try Compressor(model: hard).compress(Recipe(model: settings))
      settings.equalization = .crossLayer
      let equalized = try Compressor(model: hard).compress(Recipe(model: settings))
      #expect(try error(hard, equalized, input) < 0.7 * error(hard, plain, input))
      #expect(equalized.layers.allSatisfy { $0.remarks.isEmpty })
    }
  }

  @Test func equalizationGoesThroughDepthwiseLayers() throws {
    var net = NetworkBuilder(seed: 4)
    net.conv("a", 3, 8, 1, pad: 0)
    net.node("r1", "Relu", [net.value])
    net.conv("dw", 8, 8, group: 8)
    net.node("r2", "Relu", [net.value])
    net.conv("b", 8, 5, 1, pad: 0)
    let model = net.model(input: [1, 3, 6, 6])
    let settings = LayerSettings().with(\.weightBits, .quantized(.int8)).with(\.equalization, .crossLayer)
    let compressed = try Compressor(model: model).compress(Recipe(model: settings))
    #expect(try error(model, compressed, [1, 3, 6, 6]) < 0.02)
    // Every filter of the depthwise layer spans its scale's range, and so do inputs of the last: r1 = r2.
    let rows = compressed.model.floats("dw.weight").chunked(9).map { $0.map(\.magnitude).max()! }
    let columns = compressed.model.floats("b.weight")
    for channel in 0..<8 {
      let reading = (0..<5).map { columns[$0 * 8 + channel].magnitude }.max()!
      #expect(abs(rows[channel] / reading - 1) < 0.05)
    }
  }

  @Test func anOutlierOfTheInputMovesIntoTheWeights() throws {
    let model = outlierModel()
    var settings = LayerSettings().with(\.weightBits, .quantized(.int8)).with(\.activationBits, .int8)
    let calibration = TestCalibration([32, 20])
    let compressor = Compressor(model: model, activations: calibration)
    let plain = try compressor.compress(Recipe(model: settings))
    settings.equalization = .smoothQuant
    let smooth = try compressor.compress(Recipe(model: settings))
    #expect(try error(model, smooth, [1, 20]) < 0.5 * error(model, plain, [1, 20]))
    // The graph's input has no layer in front, the normalization has: one Mul in all.
    #expect(smooth.model.graph.nodes.count { $0.kind == "Mul" } == 1)
  }

  @Test func awqErrsLessOnUnevenInputs() throws {
    let model = outlierModel()
    let calibration = TestCalibration([32, 20])
    let compressor = Compressor(model: model, activations: calibration)
    var settings = LayerSettings().with(\.weightBits, .quantized(.int3))
    let plain = try compressor.compress(Recipe(model: settings))
    settings.equalization = .awq
    let scaled = try compressor.compress(Recipe(model: settings))
    #expect(try error(model, scaled, [1, 20]) < 0.9 * error(model, plain, [1, 20]))
    let without = try Compressor(model: model).compress(Recipe(model: settings))
    #expect(without.layers[0].remarks == ["awq needs calibration data: no effect"])
  }

  /// x -> Gemm -> LayerNormalization with two loud channels -> two MatMuls that read the same.
  private func outlierModel() -> Model {
    var net = NetworkBuilder(seed: 12)
    net.gemm("f", 20, 24)
    let loud = (0..<24).map { Float($0 % 11 == 3 ? 60 : 1) }
    let scale = net.constant("ln.scale", try! Tensor(shape: [24], loud))
    let bias = net.constant("ln.bias", net.normal([24]))
    let normalized = net.node("ln", "LayerNormalization", [net.value, scale, bias])
    net.matMul("q", 24, 8)
    let q = net.value
    net.value = normalized
    net.matMul("k", 24, 8)
    net.node("sum", "Add", [q, net.value])
    return net.model(input: [1, 20])
  }

  @Test func batchNormalizationBecomesPartOfTheWeights() throws {
    var net = NetworkBuilder(seed: 3)
    net.conv("a", 3, 6)
    net.batchNormalization("bn", 6)
    net.node("r", "Relu", [net.value])
    net.conv("b", 6, 4)
    let model = net.model(input: [1, 3, 5, 5])
    let compressed = try Compressor(model: model).compress(
      Recipe(model: LayerSettings().with(\.weightBits, .quantized(.int8)).with(\.batchNorm, .folded)))
    #expect(!compressed.model.graph.nodes.contains { $0.kind == "BatchNormalization" })
    #expect(compressed.model.graph.initializers["bn.mean"] == nil)
    #expect(try error(model, compressed, [1, 3, 5, 5]) < 0.03)
  }

  @Test func correctedBiasesTakeOutTheMeanError() throws {
    let model = smallMLP(seed: 9)
    let calibration = TestCalibration([64, 30], shift: 2)
    let compressor = Compressor(model: model, activations: calibration)
    var settings = LayerSettings().with(\.weightBits, .quantized(.int3))
    func meanError() throws -> Float {
      let compressed = try compressor.compress(Recipe(model: settings))
      // What the first layer gives for the calibration inputs.
      let before = try calibration.values(of: model)["f1:0"]!.flatMap(\.floats)
      let after = try calibration.values(of: compressed.model)["f1:0"]!.flatMap(\.floats)
      return (0..<24).map { n in
        stride(from: n, to: before.count, by: 24).reduce(Float(0)) { $0 + after[$1] - before[$1] }.magnitude
          / Float(before.count / 24)
      }.max()!
    }
    let plain = try meanError()
    settings.bias = .corrected
    #expect(try meanError() < 0.01 * plain)
  }

  @Test func fourBitActivationsTakeSixteenValues() throws {
    let model = smallMLP()
    let calibration = TestCalibration([16, 30])
    let compressor = Compressor(model: model, activations: calibration)
    for range in RangeMethod.allCases {
      let compressed = try compressor.compress(
        Recipe(
          model: LayerSettings().with(\.weightBits, .quantized(.int8)).with(\.activationBits, .int4).with(
            \.range, range)))
      let layer = compressed.model.graph.nodes.first { $0.name == "f2" }!
      let values = Set(try calibration.values(of: compressed.model)[layer.inputs[0]]!.flatMap(\.floats))
      #expect(values.count <= 16 && values.count > 8)
    }
  }

  @Test func edgesKeepTheirBits() throws {
    var net = NetworkBuilder(seed: 7)
    for (index, sizes) in [(6, 9), (9, 8), (8, 4)].enumerated() { net.gemm("f\(index)", sizes.0, sizes.1) }
    let model = net.model(input: [1, 6])
    func bits(_ edges: FirstLastBits) throws -> [WeightBits?] {
      let compressed = try Compressor(model: model).compress(
        Recipe(model: LayerSettings().with(\.weightBits, .quantized(.int4)).with(\.firstLastBits, edges)))
      return (0..<3).map { index in
        guard case .quantized(let tensor)? = compressed.model.graph.initializers["f\(index).weight"] else {
          return nil
        }
        return tensor.bits
      }
    }
    #expect(try bits(.same) == [.int4, .int4, .int4])
    #expect(try bits(.eightBits) == [.int8, .int4, .int8])
    #expect(try bits(.float) == [nil, .int4, nil])
  }
}

extension Array {
  fileprivate func chunked(_ size: Int) -> [[Element]] {
    stride(from: 0, to: count, by: size).map { Array(self[$0..<Swift.min($0 + size, count)]) }
  }
}
