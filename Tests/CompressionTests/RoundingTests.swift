import Compression
import GraphIR
import Recipes
import Synchronization
import TensorCore
import Testing

/// Rounding that looks at what a layer reads.
@Suite struct RoundingTests {
  /// One Gemm whose inputs hang together: the first reads noise, the second is what is looked at.
  private func model(seed: UInt64, inputs: Int, outputs: Int) -> Model {
    var net = NetworkBuilder(seed: seed)
    net.gemm("mix", 3, inputs)
    net.gemm("f", inputs, outputs, transposed: seed % 2 == 0)
    return net.model(input: [1, 3])
  }

  private func settings(
    _ bits: WeightBits, _ rounding: RoundingMethod,
    granularity: ScaleGranularity = .perChannel
  ) -> Recipe {
    var recipe = Recipe(
      model: LayerSettings().with(\.weightBits, .quantized(bits)).with(\.granularity, granularity).with(
        \.rounding, rounding))
    recipe.layers["mix"] = LayerOverride()
    recipe.layers["mix"]?.weightBits = .float32
    return recipe
  }

  /// Weights of a Gemm as rows of one output each.
  private func rows(_ values: [Float], _ model: Model, inputs: Int, outputs: Int) -> [[Double]] {
    let isRow = model.graph.initializers["f.weight"]?.shape[0] == outputs && seedIsEven(model)
    return (0..<outputs).map { n in
      (0..<inputs).map { k in Double(values[isRow ? n * inputs + k : k * outputs + n]) }
    }
  }

  private func seedIsEven(_ model: Model) -> Bool {
    model.graph.nodes.first { $0.name == "f" }?.int("transB") == 1
  }

  private func read(_ model: Model, _ calibration: TestCalibration) throws -> [[Double]] {
    try calibration.values(of: model)["mix:0"]!.flatMap { tensor in
      let values = tensor.floats
      let width = tensor.shape[1]
      return (0..<tensor.shape[0]).map { row in (0..<width).map { Double(values[row * width + $0]) } }
    }
  }

  private func outputError(_ before: [[Double]], _ after: [[Double]], _ inputs: [[Double]]) -> Double {
    var sum = 0.0
    for x in inputs {
      for (old, new) in zip(before, after) {
        let difference = zip(zip(old, new), x).reduce(0.0) { $0 + ($1.0.0 - $1.0.1) * $1.1 }
        sum += difference * difference
      }
    }
    return sum
  }

  @Test(
    arguments: [RoundingMethod.gptq, .gptqOrdered, .adaRound], [WeightBits.int8, .int4, .int3])
  func outputsErrLessThanByNearestRounding(method: RoundingMethod, bits: WeightBits) throws {
    for granularity in [ScaleGranularity.perChannel, .group32, .perTensor] {
      var (nearestError, foundError) = (0.0, 0.0)
      for seed in UInt64(1)...3 {
        let (inputs, outputs) = (20 + 17 * Int(seed), 6)
        let model = model(seed: seed, inputs: inputs, outputs: outputs)
        let calibration = TestCalibration([64, 3])
        let compressor = Compressor(model: model, activations: calibration)
        let x = try read(model, calibration)
        func error(_ method: RoundingMethod) throws -> Double {
          let compressed = try compressor.compress(settings(bits, method, granularity: granularity))
          return outputError(
            rows(model.floats("f.weight"), model, inputs: inputs, outputs: outputs),
            rows(compressed.model.floats("f.weight"), model, inputs: inputs, outputs: outputs), x)
        }
        nearestError += try error(.nearest)
        foundError += try error(method)
      }
      #expect(foundError < 0.8 * nearestError, "\(granularity)")
    }
  }

  /// A layer whose inputs hang together in many directions, as those of real networks do.
  private func correlated(_ seed: UInt64, inputs: Int, outputs: Int) -> Model {
    var net = NetworkBuilder(seed: seed)
    net.gemm("mix", 30, inputs)
    net.node("mix.r", "Relu", [net.value])
    net.gemm("f", inputs, outputs)
    return net.model(input: [1, 30])
  }

  /// Sides are learned, not left where nearest rounding has them: of the error little is left, and every code is one
  /// of the two around its weight.
  @Test(arguments: [WeightBits.int4, .int3])
  func adaRoundChoosesAmongTheTwoCodesAroundAWeight(bits: WeightBits) throws {
    let (inputs, outputs) = (90, 12)
    let model = correlated(3, inputs: inputs, outputs: outputs)
    let calibration = TestCalibration([128, 30], batches: 4)
    let compressor = Compressor(model: model, activations: calibration)
    let x = try calibration.values(of: model)["mix.r:0"]!.flatMap { tensor in
      let values = tensor.floats
      return (0..<tensor.shape[0]).map { row in (0..<inputs).map { Double(values[row * inputs + $0]) } }
    }
    let original = rows(model.floats("f.weight"), model, inputs: inputs, outputs: outputs)
    func rounded(_ method: RoundingMethod) throws -> [[Double]] {
      let compressed = try compressor.compress(settings(bits, method))
      return rows(compressed.model.floats("f.weight"), model, inputs: inputs, outputs: outputs)
    }
    let (nearest, learned) = (try rounded(.nearest), try rounded(.adaRound))
    let errors = (outputError(original, nearest, x), outputError(original, learned, x))
    #expect(errors.1 < 0.45 * errors.0, "\(errors)")
    let largest = bits == .int4 ? 7.0 : 3
    for (weights, values) in zip(original, learned) {
      let scale = (weights.map(abs).max() ?? 0) / largest
      for (weight, value) in zip(weights, values) { #expect(abs(weight - value) < scale * 1.0001) }
    }
    #expect(learned != nearest)
  }

  /// Where all inputs weigh the same AWQ has nothing to scale: what is left is its search for clipping ranges.
  @Test(arguments: [ScaleGranularity.perChannel, .group32, .perTensor])
  func awqClipsWhereTheOutputGainsByIt(granularity: ScaleGranularity) throws {
    var net = NetworkBuilder(seed: 5)
    net.node("sign", "Sign", [net.value])
    let heavy = net.normal([10, 70]).floats.map { $0 * $0 * $0 }
    _ = net.constant("f.weight", try Tensor(shape: [10, 70], heavy))
    net.node("f", "Gemm", [net.value, "f.weight"], ["transB": .int(1)])
    let model = net.model(input: [1, 70])
    let calibration = TestCalibration([64, 70], batches: 2)
    let compressor = Compressor(model: model, activations: calibration)
    func error(_ scaling: Equalization) throws -> Double {
      let settings = LayerSettings().with(\.weightBits, .quantized(.int4)).with(\.granularity, granularity)
        .with(\.equalization, scaling)
      let compressed = try compressor.compress(Recipe(model: settings))
      #expect(compressed.model.graph.nodes.count == 2)
      let (before, after) = (try calibration.values(of: model), try calibration.values(of: compressed.model))
      return zip(before["f:0"] ?? [], after["f:0"] ?? []).reduce(0.0) { sum, pair in
        zip(pair.0.floats, pair.1.floats).reduce(sum) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) }
      }
    }
    let (plain, clipped) = (try error(.none), try error(.awq))
    #expect(clipped < 0.97 * plain, "\(clipped) \(plain)")
  }

  /// The paper's algorithm as it is derived, one weight at a time with the inverse Hessian updated in full.
  @Test(arguments: UInt64(1)...6)
  func gptqIsTheSequentialBrainSurgeon(seed: UInt64) throws {
    let (inputs, outputs, damping) = (5 + 9 * Int(seed), 4, seed % 2 == 0 ? 0.01 : 0.3)
    let model = model(seed: seed, inputs: inputs, outputs: outputs)
    let calibration = TestCalibration([200, 3])
    let x = try read(model, calibration)
    var recipe = settings(.int4, .gptq)
    recipe.model.damping = damping
    let compressed = try Compressor(model: model, activations: calibration).compress(recipe)
    let found = rows(compressed.model.floats("f.weight"), model, inputs: inputs, outputs: outputs)

    var hessian = [[Double]](repeating: [Double](repeating: 0, count: inputs), count: inputs)
    for row in x {
      for i in 0..<inputs { for j in 0..<inputs { hessian[i][j] += row[i] * row[j] } }
    }
    let mean = (0..<inputs).reduce(0.0) { $0 + hessian[$1][$1] } / Double(inputs)
    for i in 0..<inputs { hessian[i][i] += damping * mean }
    let start = inverse(hessian)
    var (equal, total) = (0, 0)
    for (n, weights) in rows(model.floats("f.weight"), model, inputs: inputs, outputs: outputs).enumerated() {
      var (w, h) = (weights, start)
      let scale = Double(Float(weights.map(abs).max()!) / 7)
      for i in 0..<inputs {
        let code = min(max((w[i] / scale).rounded(.toNearestOrEven), -7), 7)
        let error = (w[i] - scale * code) / h[i][i]
        for j in i..<inputs { w[j] -= error * h[i][j] }
        let column = h.map { $0[i] }
        let row = h[i]
        for a in 0..<inputs { for b in 0..<inputs { h[a][b] -= column[a] * row[b] / row[i] } }
        total += 1
        equal += abs(found[n][i] - scale * code) < 1e-5 ? 1 : 0
      }
    }
    // A tie may fall the other way in single precision, and what follows with it.
    #expect(Double(equal) >= 0.97 * Double(total))
  }

  /// A compressor that has kept a layer does not give it out for another damping.
  @Test(arguments: [RoundingMethod.gptq, .gptqOrdered, .adaRound])
  func dampingChangesWhatIsRounded(method: RoundingMethod) throws {
    let model = correlated(4, inputs: 60, outputs: 8)
    let compressor = Compressor(model: model, activations: TestCalibration([64, 30]))
    func values(_ rounding: RoundingMethod, _ damping: Double) throws -> [Float] {
      var recipe = settings(.int3, rounding)
      recipe.model.damping = damping
      return try compressor.compress(recipe).model.floats("f.weight")
    }
    #expect(try values(method, 0.01) != values(method, 1))
    #expect(try values(.nearest, 0.01) == values(.nearest, 1))
  }

  private func inverse(_ matrix: [[Double]]) -> [[Double]] {
    let n = matrix.count
    var a = matrix
    var result = (0..<n).map { i in (0..<n).map { $0 == i ? 1.0 : 0 } }
    for i in 0..<n {
      let pivot = a[i][i]
      for j in 0..<n {
        a[i][j] /= pivot
        result[i][j] /= pivot
      }
      for k in 0..<n where k != i {
        let factor = a[k][i]
        for j in 0..<n {
          a[k][j] -= factor * a[i][j]
          result[k][j] -= factor * result[i][j]
        }
      }
    }
    return result
  }

  @Test(arguments: [RoundingMethod.gptq, .gptqOrdered, .adaRound])
  func prunedWeightsStayZeroAndConvolutionsWork(method: RoundingMethod) throws {
    let model = smallConvNet(seed: 6)
    let compressor = Compressor(model: model, activations: TestCalibration([8, 3, 6, 6]))
    var settings = LayerSettings().with(\.prune, 0.5)
    let pruned = try compressor.compress(Recipe(model: settings))
    settings.weightBits = .quantized(.int4)
    settings.rounding = method
    let both = try compressor.compress(Recipe(model: settings))
    #expect(both.layers.allSatisfy { $0.remarks.isEmpty })
    for name in ["c1.weight", "c2.weight", "f1.weight", "f2.weight"] {
      let pairs = zip(pruned.model.floats(name), both.model.floats(name))
      #expect(pairs.allSatisfy { $0 != 0 || $1 == 0 })
    }
  }

  @Test func withoutDataTheyRoundToTheNearestAndSaySo() throws {
    let model = smallMLP()
    let plain = try Compressor(model: model).compress(
      Recipe(model: LayerSettings().with(\.weightBits, .quantized(.int4))))
    let asked = try Compressor(model: model).compress(
      Recipe(model: LayerSettings().with(\.weightBits, .quantized(.int4)).with(\.rounding, .gptq)))
    #expect(asked.model.floats("f1.weight") == plain.model.floats("f1.weight"))
    #expect(asked.layers[0].remarks == ["gptq needs calibration data: rounded to the nearest"])
  }

  @Test func slowMethodsReportEachLayerOnceAndAreKept() throws {
    let calibration = TestCalibration([16, 30])
    let compressor = Compressor(model: smallMLP(), activations: calibration)
    let seen = Mutex<[CompressionProgress]>([])
    let recipe = Recipe(model: LayerSettings().with(\.weightBits, .quantized(.int4)).with(\.rounding, .gptq))
    _ = try compressor.compress(recipe) { step in seen.withLock { $0.append(step) } }
    #expect(seen.withLock { $0.map(\.layer) } == ["f1", "f2"])
    #expect(seen.withLock { $0.map(\.index) } == [0, 1])
    var other = recipe
    other.model.activationBits = .int8
    _ = try compressor.compress(other) { step in seen.withLock { $0.append(step) } }
    #expect(seen.withLock { $0.count } == 2)
  }
}
