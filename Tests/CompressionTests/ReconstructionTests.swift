import Compression
import GraphIR
import Recipes
import TensorCore
import Testing

/// Methods that make up for what they remove: what the layer gives on calibration data is what counts.
@Suite struct ReconstructionTests {
  /// A layer of correlated inputs, so that weights can stand in for each other.
  private func layer(_ inputs: Int, _ outputs: Int, seed: UInt64) -> Model {
    var net = NetworkBuilder(seed: seed)
    let mix = net.constant("mix", net.normal([6, inputs]))
    net.node("mixed", "MatMul", [net.value, mix])
    net.node("t", "Tanh", [net.value])
    net.gemm("a", inputs, outputs)
    return net.model(input: [16, 6])
  }

  private func only(_ settings: LayerSettings) -> Recipe {
    var recipe = Recipe()
    recipe.layers["a"] = LayerOverride(settings, naming: Setting.allCases)
    return recipe
  }

  /// Squared difference of the outputs on the calibration data.
  private func error(_ model: Model, _ other: Model, _ calibration: TestCalibration) throws -> Double {
    let (before, after) = (try calibration.values(of: model), try calibration.values(of: other))
    let name = model.graph.outputs[0].name
    var sum = 0.0
    for (one, other) in zip(before[name] ?? [], after[name] ?? []) {
      for (a, b) in zip(one.floats, other.floats) { sum += Double((a - b) * (a - b)) }
    }
    return sum
  }

  @Test(arguments: [PruningPattern.weights, .two4, .block4x4])
  func betterFollowsTheOrderOfTheMethods(pattern: PruningPattern) throws {
    var sums: [PruningCriterion: Double] = [:]
    for seed in UInt64(1)...4 {
      let model = layer(24, 12, seed: seed)
      let calibration = TestCalibration([16, 6], batches: 12)
      let compressor = Compressor(model: model, activations: calibration)
      for method in [PruningCriterion.random, .magnitude, .sparseGPT, .brainSurgeon] {
        let compressed = try compressor.compress(
          only(
            LayerSettings().with(\.prune, 0.5).with(\.criterion, method).with(\.pattern, pattern).with(
              \.allocation, .uniform)))
        sums[method, default: 0] += try error(model, compressed.model, calibration)
      }
    }
    let errors = [PruningCriterion.brainSurgeon, .sparseGPT, .magnitude, .random].map {
      sums[$0] ?? .infinity
    }
    #expect(errors[0] < errors[1] * 1.05)
    #expect(errors[1] < errors[2] * 0.5)
    #expect(errors[2] < errors[3])
  }

  /// The Optimal Brain Surgeon of one row, the plain way: every candidate is tried, and what stays is solved for anew.
  private func surgeon(_ row: [Double], _ hessian: [[Double]], removing count: Int) -> [Double] {
    var gone: Set<Int> = []
    var best = row
    for _ in 0..<count {
      var least = Double.infinity
      var chosen = -1
      var found = best
      for candidate in row.indices where !gone.contains(candidate) {
        let fitted = fit(row, hessian, gone.union([candidate]))
        let change = zip(row, fitted).map { $0 - $1 }
        var loss = 0.0
        for i in row.indices {
          for j in row.indices { loss += change[i] * hessian[i][j] * change[j] }
        }
        if loss < least { (least, chosen, found) = (loss, candidate, fitted) }
      }
      gone.insert(chosen)
      best = found
    }
    return best
  }

  /// Least squares over what stays, by Gauss-Jordan elimination.
  private func fit(_ row: [Double], _ hessian: [[Double]], _ gone: Set<Int>) -> [Double] {
    let kept = row.indices.filter { !gone.contains($0) }
    var system: [[Double]] = []
    for i in kept {
      var line = kept.map { hessian[i][$0] }
      var right = 0.0
      for j in row.indices { right += hessian[i][j] * row[j] }
      line.append(right)
      system.append(line)
    }
    for i in kept.indices {
      let pivot = system[i][i]
      for column in system[i].indices { system[i][column] /= pivot }
      for j in kept.indices where j != i {
        let factor = system[j][i]
        for column in system[j].indices { system[j][column] -= factor * system[i][column] }
      }
    }
    var result = row.map { _ in 0.0 }
    for (place, index) in kept.enumerated() { result[index] = system[place][kept.count] }
    return result
  }

  @Test func theSurgeonIsTheGreedyOne() throws {
    for seed in UInt64(1)...4 {
      let inputs = 9
      var net = NetworkBuilder(seed: seed)
      net.gemm("a", inputs, 1)
      let model = net.model(input: [16, inputs])
      let calibration = TestCalibration([16, inputs], batches: 3)
      let compressed = try Compressor(model: model, activations: calibration).compress(
        Recipe(model: LayerSettings().with(\.prune, 5.0 / 9).with(\.criterion, .brainSurgeon)))
      var gram = [[Double]](repeating: [Double](repeating: 0, count: inputs), count: inputs)
      for tensor in try calibration.values(of: model)["x"] ?? [] {
        let values = tensor.floats.map(Double.init)
        for start in stride(from: 0, to: values.count, by: inputs) {
          for i in 0..<inputs { for j in 0..<inputs { gram[i][j] += values[start + i] * values[start + j] } }
        }
      }
      let mean = (0..<inputs).reduce(0) { $0 + gram[$1][$1] } / Double(inputs)
      for i in 0..<inputs { gram[i][i] += 0.01 * mean }
      let expected = surgeon(model.floats("a.weight").map(Double.init), gram, removing: 5)
      let found = compressed.model.floats("a.weight").map(Double.init)
      #expect(zip(expected, found).allSatisfy { abs($0 - $1) < 1e-4 }, "seed \(seed): \(expected) \(found)")
    }
  }

  @Test func nothingIsLostWhereInputsRepeat() throws {
    // Every input twice: half of the weights can go without a loss, if the other half takes over.
    for method in [PruningCriterion.sparseGPT, .brainSurgeon] {
      var net = NetworkBuilder(seed: 2)
      let twice = net.constant(
        "twice", try Tensor(shape: [4, 8], (0..<32).map { Float($0 % 8 / 2 == $0 / 8 ? 1 : 0) }))
      net.node("doubled", "MatMul", [net.value, twice])
      net.gemm("a", 8, 3)
      let model = net.model(input: [16, 4])
      let calibration = TestCalibration([16, 4], batches: 8)
      let compressed = try Compressor(model: model, activations: calibration).compress(
        only(LayerSettings().with(\.prune, 0.5).with(\.criterion, method).with(\.pattern, .two4)))
      let whole = try error(model, model.zeroing([0, 1, 2], of: "a"), calibration)
      #expect(try error(model, compressed.model, calibration) < 0.002 * whole, "\(method)")
    }
  }

  @Test func anotherRatioIsNotAnotherCalibrationRun() throws {
    let model = layer(16, 8, seed: 1)
    let calibration = TestCalibration([16, 6], batches: 4)
    let compressor = Compressor(model: model, activations: calibration)
    for ratio in [0.3, 0.5, 0.7] {
      _ = try compressor.compress(only(LayerSettings().with(\.prune, ratio).with(\.criterion, .sparseGPT)))
    }
    #expect(calibration.runs == 1)
  }
}
