import Compression
import Evaluation
import GraphIR
import Recipes
import TensorCore
import Testing

@Suite struct EvaluatorTests {
  /// The identity over four classes: the label of a sample is where its largest value stands.
  private static func identity() throws -> Model {
    try TestModels.linear((0..<4).map { row in (0..<4).map { $0 == row ? 1 : 0 } })
  }

  private static func labels(_ x: Tensor, wrongEvery step: Int) throws -> Tensor {
    let width = x.shape[1]
    let values = x.floats
    return try Tensor(
      shape: Shape([x.shape[0]]),
      (0..<x.shape[0]).map { sample -> Int64 in
        let row = values[sample * width..<(sample + 1) * width]
        let best = row.indices.max { row[$0] < row[$1] }! - row.startIndex
        return Int64(sample % step == 0 ? (best + 1) % width : best)
      })
  }

  private static func experiment(samples: Int = 203, wrongEvery step: Int = 10) throws -> Experiment {
    let x = try TestModels.inputs(samples: samples, features: 4)
    let data = TestModels.data(
      x, task: .classification(classes: []), targets: try labels(x, wrongEvery: step))
    return try Experiment(model: identity(), evaluation: data, calibration: nil, options: .small)
  }

  @Test func stagesComeInOrderAndTheLastIsSettled() async throws {
    let evaluator = Evaluator(try Self.experiment(), meter: nil)
    var stages: [Readings.Stage] = []
    var samples: [Int] = []
    for try await reading in evaluator.readings(of: .pruned(0.9), budget: .brief) {
      stages.append(reading.stage)
      if let accuracy = reading.accuracy { samples.append(accuracy.samples) }
      #expect(reading.size.bytes < reading.size.originalBytes)
      #expect((reading.stage == .size) == (reading.latency == nil))
    }
    #expect(stages.first == .size)
    #expect(stages.last == .settled && stages.count { $0 == .settled } == 1)
    #expect(stages == stages.sorted())
    #expect(samples == samples.sorted() && samples.last == 203)
  }

  @Test func top1IsCountedOverAllSamplesWithARemainder() async throws {
    let settled = try await Evaluator(try Self.experiment(), meter: nil).settled(.identity, budget: .brief)
    let accuracy = try #require(settled.accuracy)
    // Every tenth of 203 labels, from the first, is wrong on purpose: 21 of them.
    #expect(accuracy.metric == .top1 && accuracy.samples == 203)
    #expect(abs(accuracy.value - 182.0 / 203) < 1e-12)
    #expect(accuracy.value == accuracy.originalValue && accuracy.difference == 0)
    #expect(accuracy.interval == Statistics.wilson(successes: 182, trials: 203))
  }

  @Test func discordantPairsAreFoundAgainstTheOriginal() async throws {
    // Pruning three quarters of a scaled identity leaves only the largest diagonal entry.
    let model = try TestModels.linear([[4, 0, 0, 0], [0, 3, 0, 0], [0, 0, 2, 0], [0, 0, 0, 1]])
    let x = try TestModels.inputs(samples: 300, features: 4)
    let values = x.floats
    let scale: [Float] = [4, 3, 2, 1]
    func best(_ sample: Int, kept: Int) -> Int {
      let row = (0..<4).map { $0 < kept ? values[sample * 4 + $0] * scale[$0] : 0 }
      return row.indices.reduce(0) { row[$1] > row[$0] ? $1 : $0 }
    }
    let labels = (0..<300).map { Int64(best($0, kept: 4)) }
    let data = TestModels.data(
      x, task: .classification(classes: []), targets: try Tensor(shape: [300], labels))
    let experiment = try Experiment(model: model, evaluation: data, calibration: nil, options: .small)
    let recipe = Recipe(model: LayerSettings().with(\.prune, 14.0 / 16).with(\.allocation, .uniform))
    let settled = try await Evaluator(experiment, meter: nil).settled(recipe, budget: .brief)
    let accuracy = try #require(settled.accuracy)
    let right = (0..<300).count { best($0, kept: 2) == Int(labels[$0]) }
    #expect(right < 290)
    #expect(accuracy.originalValue == 1)
    #expect(abs(accuracy.value - Double(right) / 300) < 1e-12)
    #expect(accuracy.onlyOriginalCorrect == 300 - right && accuracy.onlyCompressedCorrect == 0)
    #expect(accuracy.differenceInterval.high < 0)
    #expect(settled.layers.first?.size.nonzeros == 2)
  }

  @Test func twoRunsSeeTheSameSamplesInTheSameOrder() async throws {
    func first(_ threads: Int) async throws -> [AccuracyReading] {
      let x = try TestModels.inputs(samples: 200, features: 4)
      let data = TestModels.data(
        x, task: .classification(classes: []), targets: try Self.labels(x, wrongEvery: 3))
      let experiment = try Experiment(
        model: Self.identity(), evaluation: data, calibration: nil,
        options: Experiment.Options(threads: threads, batch: 32 / threads))
      var readings: [AccuracyReading] = []
      for try await reading in Evaluator(experiment, meter: nil).readings(of: .pruned(0.3), budget: .brief) {
        if let accuracy = reading.accuracy { readings.append(accuracy) }
      }
      return readings
    }
    let one = try await first(1)
    let two = try await first(2)
    // How many samples a reading holds depends on the clock, but equal counts mean equal samples.
    for reading in one {
      for other in two where other.samples == reading.samples { #expect(other == reading) }
    }
    #expect(one.last == two.last)
  }

  /// y = (x I) s: a scalar input, with data and without, and first or last among the inputs.
  @Test(arguments: [true, false]) func scalarInputsHoldForAllSamples(isFirst: Bool) async throws {
    var model = try Self.identity()
    let scalar = ValueInfo(name: "s", dataType: .float32, dimensions: [])
    model.graph.inputs.insert(scalar, at: isFirst ? 0 : 1)
    model.graph.nodes[0].outputs = ["h"]
    model.graph.nodes.append(Node(name: "scale", kind: "Mul", inputs: ["h", "s"], outputs: ["y"]))
    let x = try TestModels.inputs(samples: 100, features: 4)
    func settled(_ scale: Float?) async throws -> AccuracyReading {
      let labels = try Self.labels(x, wrongEvery: 10)
      let data = try scale.map {
        Dataset(
          name: "made", split: .evaluation, task: .classification(classes: []),
          inputs: ["x": x, "s": try Tensor(shape: [], [$0])], targets: labels)
      }
      let experiment = try Experiment(model: model, evaluation: data, calibration: nil, options: .small)
      let recipe = Recipe(
        model: LayerSettings().with(\.weightBits, .quantized(.int8)).with(\.activationBits, .int8))
      _ = try await Evaluator(experiment, meter: nil).settled(recipe, budget: .brief)
      return try #require(
        try await Evaluator(experiment, meter: nil).settled(.identity, budget: .brief).accuracy)
    }
    #expect(abs(try await settled(2).value - 0.9) < 1e-12)
    // Turned around, the largest value becomes the smallest: only the labels made wrong can be right.
    #expect(try await settled(-2).value <= 0.1)
    #expect(try await settled(nil).value == 1)
  }

  @Test func withoutDataFidelityOnSeededInputsIsSaidToBeThat() async throws {
    let experiment = try Experiment(
      model: TestModels.classifier(), evaluation: nil, calibration: nil, options: .small)
    let evaluator = Evaluator(experiment, meter: nil)
    let same = try #require(try await evaluator.settled(.identity, budget: .brief).accuracy)
    #expect(same.metric == .fidelity && same.value == 1 && same.samples == 256)
    #expect(same.data.contains("random"))
    let worse = try #require(try await evaluator.settled(.pruned(0.8), budget: .brief).accuracy)
    #expect(worse.value < 1 && worse.originalValue == 1)
    #expect(worse.onlyOriginalCorrect == Int((Double(256) * (1 - worse.value)).rounded()))
  }

  @Test func regressionIsScoredByVarianceExplained() async throws {
    let x = try TestModels.inputs(samples: 100, features: 3)
    let values = x.floats
    // Targets miss the model's outputs by 0.5, alternating.
    let targets = (0..<100).map { sample -> Float in
      let y = values[sample * 3] + 2 * values[sample * 3 + 1]
      return y + (sample % 2 == 0 ? 0.5 : -0.5)
    }
    let data = TestModels.data(x, task: .regression, targets: try Tensor(shape: [100, 1], targets))
    let experiment = try Experiment(
      model: TestModels.linear([[1], [2], [0]]), evaluation: data, calibration: nil, options: .small)
    let reading = try #require(
      try await Evaluator(experiment, meter: nil).settled(.identity, budget: .brief).accuracy)
    let mean = targets.reduce(0, +) / 100
    let variance = targets.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 100
    #expect(reading.metric == .r2)
    #expect(abs(reading.value - Double(1 - 0.25 / variance)) < 1e-5)
    #expect(reading.difference == 0)
  }

  @Test func sequencesMustMatchAtEveryPosition() async throws {
    // [N, 3, 2] times [2, 2] by MatMul: logits of 2 classes at 3 positions, of which the last 2 are the answer.
    let model = try TestModels.linear(
      [[1, 0], [0, 1]], dimensions: [.symbolic("n"), .fixed(3), .fixed(2)])
    let x = try TestModels.inputs(samples: 50, features: 6).reshaped(to: [50, 3, 2])
    let values = x.floats
    var targets = (0..<50).flatMap { sample in
      (1...2).map { position -> Int64 in
        values[sample * 6 + position * 2 + 1] > values[sample * 6 + position * 2] ? 1 : 0
      }
    }
    // One wrong position spoils its sample.
    for sample in 0..<5 { targets[sample * 2 + sample % 2] ^= 1 }
    let data = TestModels.data(
      x, task: .sequence(answerStart: 1, answerLength: 2), targets: try Tensor(shape: [50, 2], targets))
    let experiment = try Experiment(model: model, evaluation: data, calibration: nil, options: .small)
    let reading = try #require(
      try await Evaluator(experiment, meter: nil).settled(.identity, budget: .brief).accuracy)
    #expect(reading.metric == .exactMatch && reading.value == 0.9)
  }

  @Test func labelsTheOutputDoesNotHaveAreNamedAtOnce() throws {
    let x = try TestModels.inputs(samples: 3, features: 4)
    let data = TestModels.data(
      x, task: .classification(classes: []), targets: try Tensor(shape: [3], [0, 4, 1] as [Int64]))
    #expect(throws: EvaluationError.self) {
      try Experiment(model: Self.identity(), evaluation: data, calibration: nil, options: .small)
    }
    #expect(throws: EvaluationError.unknownOutput(name: "z", choices: ["y"])) {
      try Experiment(
        model: Self.identity(), evaluation: nil, calibration: nil,
        options: Experiment.Options(threads: 1, output: "z"))
    }
  }

  @Test func aFixedBatchIsRunAsItIs() async throws {
    let model = try TestModels.linear(
      (0..<4).map { row in (0..<4).map { $0 == row ? 1 : 0 } }, dimensions: [.fixed(1), .fixed(4)])
    let x = try TestModels.inputs(samples: 30, features: 4)
    let data = TestModels.data(
      x, task: .classification(classes: []), targets: try Self.labels(x, wrongEvery: 1000))
    let experiment = try Experiment(model: model, evaluation: data, calibration: nil, options: .small)
    let settled = try await Evaluator(experiment, meter: nil).settled(.pruned(0.1), budget: .brief)
    #expect(settled.accuracy?.samples == 30 && settled.accuracy?.originalValue == 29.0 / 30)
  }

  @Test func aBatchHeldInAConstantIsRunSampleBySample() async throws {
    var model = try Self.identity()
    model.graph.nodes = [
      Node(name: "flat", kind: "Reshape", inputs: ["x", "shape"], outputs: ["f"]),
      Node(name: "fc", kind: "MatMul", inputs: ["f", "w"], outputs: ["y"]),
    ]
    model.graph.initializers["shape"] = .dense(try Tensor(shape: [2], [1, 4] as [Int64]))
    let x = try TestModels.inputs(samples: 30, features: 4)
    let data = TestModels.data(
      x, task: .classification(classes: []), targets: try Self.labels(x, wrongEvery: 1000))
    let experiment = try Experiment(model: model, evaluation: data, calibration: nil, options: .small)
    let recipe = Recipe(
      model: LayerSettings().with(\.weightBits, .quantized(.int8)).with(\.activationBits, .int8))
    let settled = try await Evaluator(experiment, meter: nil).settled(recipe, budget: .brief)
    #expect(settled.accuracy?.originalValue == 29.0 / 30)
  }

  /// y = x W + s[1]: the state's samples lie along its second axis, in data and in what is made up.
  @Test(arguments: [true, false]) func samplesAlongASecondAxisAreTaken(hasData: Bool) async throws {
    var graph = try Self.identity().graph
    graph.inputs = [
      ValueInfo(name: "x", dataType: .float32, dimensions: [.symbolic("batch"), .fixed(4)]),
      ValueInfo(name: "s", dataType: .float32, dimensions: [.fixed(2), .symbolic("batch"), .fixed(4)]),
    ]
    graph.nodes[0].outputs = ["h"]
    graph.nodes += [
      Node(name: "last", kind: "Gather", inputs: ["s", "one"], outputs: ["t"]),
      Node(name: "sum", kind: "Add", inputs: ["h", "t"], outputs: ["y"]),
    ]
    graph.initializers["one"] = .dense(try Tensor(shape: [], [1] as [Int64]))
    let x = try TestModels.inputs(samples: 50, features: 4)
    // Four times as large as x, so that the state decides.
    let last = try TestModels.inputs(samples: 50, features: 4, seed: 3).floats.map { $0 * 100 }
    let states = try Tensor(shape: [2, 50, 4], [Float](repeating: 0, count: 200) + last)
    let labels = try Self.labels(Tensor(shape: [50, 4], last), wrongEvery: 10)
    let data = Dataset(
      name: "made", split: .evaluation, task: .classification(classes: []), inputs: ["x": x, "s": states],
      targets: labels, places: ["s": .axis(1)])
    let model = Model(graph: graph, metadata: Model.Metadata(fileName: "s.onnx"))
    let experiment = try Experiment(
      model: model, evaluation: hasData ? data : nil, calibration: nil, options: .small)
    let accuracy = try #require(
      try await Evaluator(experiment, meter: nil).settled(.identity, budget: .brief).accuracy)
    #expect(accuracy.samples == (hasData ? 50 : 256))
    #expect(abs(accuracy.value - (hasData ? 0.9 : 1)) < 0.05)
  }

  /// Channels, height and width without an axis for samples: data has one more axis in front.
  @Test func aModelWithoutABatchAxisTakesOneSampleARun() async throws {
    let model = try TestModels.linear(
      (0..<4).map { row in (0..<4).map { $0 == row ? 1 : 0 } }, dimensions: [.fixed(4)])
    var graph = model.graph
    graph.outputs = [ValueInfo(name: "y", dataType: .float32, dimensions: [.fixed(4)])]
    let x = try TestModels.inputs(samples: 30, features: 4)
    let data = TestModels.data(
      x, task: .classification(classes: []), targets: try Self.labels(x, wrongEvery: 10))
    let experiment = try Experiment(
      model: Model(graph: graph, metadata: model.metadata), evaluation: data, calibration: nil,
      options: .small)
    let recipe = Recipe(
      model: LayerSettings().with(\.weightBits, .quantized(.int8)).with(\.activationBits, .int8))
    let settled = try await Evaluator(experiment, meter: nil).settled(recipe, budget: .brief)
    #expect(settled.accuracy?.samples == 30 && settled.accuracy?.originalValue == 0.9)
  }

  @Test func everyFigureIsThereOnceSettled() async throws {
    let experiment = try Experiment(
      model: TestModels.classifier(), evaluation: nil, calibration: nil, options: .small)
    let recipe = Recipe(
      model: LayerSettings().with(\.weightBits, .quantized(.int8)).with(\.activationBits, .int8))
    let settled = try await Evaluator(experiment, meter: nil).settled(recipe, budget: .brief)
    let latency = try #require(settled.latency)
    #expect(latency.runs > 0 && latency.batch == 1 && latency.threads == 1)
    #expect(latency.p50 > 0 && latency.p95 >= latency.p50 && latency.originalP95 >= latency.originalP50)
    #expect(latency.speedupInterval.low <= latency.speedup && latency.speedup <= latency.speedupInterval.high)
    let energy = try #require(settled.energy)
    #expect(energy.source == .estimated && energy.model.contains("Horowitz"))
    // Eight-bit products and a quarter of the bytes cost far less.
    #expect(energy.joules < energy.originalJoules / 2)
    #expect(settled.size.originalDeflatedBytes != nil && settled.size.deflatedBytes != nil)
    #expect(settled.size.originalParameters == experiment.model.parameterCount)
    #expect(settled.layers.map(\.name) == ["fc1", "fc2"])
    for layer in settled.layers {
      #expect(layer.nanoseconds != nil && layer.originalNanoseconds != nil && !layer.kernel.isEmpty)
      #expect(layer.kind.hasPrefix("MatMul"))
    }
  }

  @Test func brokenRecipesFailWithoutHurtingTheNext() async throws {
    let evaluator = Evaluator(try Self.experiment(), meter: nil)
    var recipe = Recipe.identity
    recipe.layers["no such layer"] = LayerOverride()
    await #expect(throws: RecipeError.self) { try await evaluator.settled(recipe, budget: .brief) }
    #expect(try await evaluator.settled(.pruned(0.5), budget: .brief).stage == .settled)
  }
}

@Suite struct CancellationTests {
  /// A budget that would take a minute: only cancelling ends it.
  private static var endless: EvaluationBudget {
    var budget = EvaluationBudget.brief
    budget.latencyNanoseconds = 60_000_000_000
    budget.latencyPairs = .max
    return budget
  }

  @Test func droppingTheStreamLetsTheNextRecipeThrough() async throws {
    let experiment = try Experiment(
      model: TestModels.classifier(), evaluation: nil, calibration: nil, options: .small)
    let evaluator = Evaluator(experiment, meter: nil)
    for try await reading in evaluator.readings(of: .pruned(0.5), budget: Self.endless) {
      if reading.stage == .first { break }
    }
    // The engine is serial: this returns only because the work above has stopped.
    #expect(try await evaluator.settled(.pruned(0.6), budget: .brief).stage == .settled)
  }

  @Test func cancellingTheTaskEndsTheWait() async throws {
    let experiment = try Experiment(
      model: TestModels.classifier(), evaluation: nil, calibration: nil, options: .small)
    let evaluator = Evaluator(experiment, meter: nil)
    let task = Task { try await evaluator.settled(.pruned(0.5), budget: Self.endless) }
    try await Task.sleep(for: .milliseconds(30))
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(try await evaluator.settled(.pruned(0.6), budget: .brief).stage == .settled)
  }
}
