import Compression
import GraphIR
import Recipes
import TensorCore
import Testing

@Suite struct NormalizationRecalibrationTests {
  /// Two convolutions, each with a batch normalization behind it.
  private func network() -> Model {
    var net = NetworkBuilder(seed: 12)
    net.conv("c1", 3, 12)
    net.batchNormalization("n1", 12)
    net.node("r1", "Relu", [net.value])
    net.conv("c2", 12, 8)
    net.batchNormalization("n2", 8)
    net.node("r2", "Relu", [net.value])
    net.conv("c3", 8, 4)
    return net.model(input: [4, 3, 6, 6])
  }

  private func moments(_ tensors: [Tensor]) -> (means: [Double], variances: [Double]) {
    let channels = tensors[0].shape[1]
    let area = tensors[0].shape.dimensions.dropFirst(2).reduce(1, *)
    let values = (0..<channels).map { channel in
      tensors.flatMap { tensor in
        tensor.floats.enumerated().filter { $0.offset / area % channels == channel }.map {
          Double($0.element)
        }
      }
    }
    let means = values.map { $0.reduce(0, +) / Double($0.count) }
    let variances = zip(values, means).map { values, mean in
      values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
    }
    return (means, variances)
  }

  @Test(arguments: [PruningPattern.weights, .channels])
  func normalizationsHaveTheStatisticsOfWhatTheyRead(pattern: PruningPattern) throws {
    let calibration = TestCalibration([4, 3, 6, 6], batches: 3)
    let compressor = Compressor(model: network(), activations: calibration)
    var settings = LayerSettings().with(\.prune, 0.5).with(\.pattern, pattern)
    let plain = try compressor.compress(Recipe(model: settings))
    settings.compensation = .batchNorm
    let repaired = try compressor.compress(Recipe(model: settings))
    let values = try calibration.values(of: repaired.model)
    for (layer, norm) in [("c1", "n1"), ("c2", "n2")] {
      let (means, variances) = moments(values["\(layer):0"]!)
      let found = (repaired.model.floats("\(norm).mean"), repaired.model.floats("\(norm).variance"))
      #expect(found.0.count == means.count)
      #expect(zip(found.0, means).allSatisfy { abs(Double($0) - $1) < 1e-4 * max(1, abs($1)) })
      #expect(zip(found.1, variances).allSatisfy { abs(Double($0) - $1) < 1e-3 * max(1, $1) })
      #expect(found.0 != plain.model.floats("\(norm).mean"))
      // Nothing else changes.
      #expect(repaired.model.floats("\(norm).scale") == plain.model.floats("\(norm).scale"))
      #expect(repaired.model.floats("\(layer).weight") == plain.model.floats("\(layer).weight"))
    }
    #expect(repaired.size == plain.size)
    #expect(repaired.layers.map(\.remarks) == plain.layers.map(\.remarks))
  }

  /// Fresh norms all read one constant of zeros and one of ones, as exporters write them.
  @Test func freshNormsGetStatisticsOfTheirOwn() throws {
    var model = network()
    for (index, node) in model.graph.nodes.enumerated() where node.kind == "BatchNormalization" {
      let count = node.name == "n1" ? 12 : 8
      for (name, value) in [("ones", Float(1)), ("zeros", 0)] {
        model.graph.initializers["\(name)\(count)"] = .dense(
          try Tensor(shape: [count], [Float](repeating: value, count: count)))
      }
      let inputs = ["ones", "zeros", "zeros", "ones"].map { "\($0)\(count)" }
      model.graph.nodes[index].inputs = [node.inputs[0]] + inputs
    }
    let calibration = TestCalibration([4, 3, 6, 6], batches: 3)
    var settings = LayerSettings().with(\.prune, 0.5)
    settings.compensation = .batchNorm
    let repaired = try Compressor(model: model, activations: calibration).compress(Recipe(model: settings))
    let values = try calibration.values(of: repaired.model)
    for (layer, norm) in [("c1", "n1"), ("c2", "n2")] {
      let (means, _) = moments(values["\(layer):0"]!)
      let node = repaired.model.graph.nodes.first { $0.name == norm }!
      let found = repaired.model.floats(node.inputs[3])
      #expect(zip(found, means).allSatisfy { abs(Double($0) - $1) < 1e-4 * max(1, abs($1)) })
      #expect(repaired.model.floats(node.inputs[2]).allSatisfy { $0 == 0 })
    }
  }

  /// What later steps see of a layer's inputs is what the repaired model has.
  @Test func laterStepsSeeTheNewStatistics() throws {
    let calibration = TestCalibration([4, 3, 6, 6], batches: 3)
    let compressor = Compressor(model: network(), activations: calibration)
    var settings = LayerSettings().with(\.prune, 0.5).with(\.weightBits, .quantized(.int4)).with(
      \.rounding, .gptq)
    let plain = try compressor.compress(Recipe(model: settings))
    settings.compensation = .batchNorm
    let repaired = try compressor.compress(Recipe(model: settings))
    #expect(repaired.model.floats("c1.weight") == plain.model.floats("c1.weight"))
    #expect(repaired.model.floats("c2.weight") != plain.model.floats("c2.weight"))
    let alone = try Compressor(model: network(), activations: calibration).compress(Recipe(model: settings))
    for name in ["c1.weight", "c2.weight", "c3.weight", "n1.mean", "n2.variance"] {
      #expect(alone.model.floats(name) == repaired.model.floats(name), "\(name)")
    }
  }

  @Test func withoutDataOrWithoutAskingNothingChanges() throws {
    let model = network()
    var settings = LayerSettings().with(\.prune, 0.5)
    settings.compensation = .batchNorm
    let asked = try Compressor(model: model).compress(Recipe(model: settings))
    #expect(asked.model.floats("n1.mean") == model.floats("n1.mean"))
    #expect(asked.layers[0].remarks == ["compensation needs calibration data: no effect"])
    var idle = LayerSettings().with(\.weightBits, .quantized(.int8))
    idle.compensation = .batchNorm
    let kept = try Compressor(model: model, activations: TestCalibration([4, 3, 6, 6])).compress(
      Recipe(model: idle))
    #expect(kept.model.floats("n1.mean") == model.floats("n1.mean"))
  }
}
