import Compression
import Evaluation
import GraphIR
import Recipes
import TensorCore
import Testing

/// What looks wrong with data is said with the flag that mends it.
@Suite struct DataCheckTests {
  private static func findings(
    _ model: Model, _ x: Tensor, labels: [Int]?, promised: Double? = nil, isPlain: Bool = true
  ) async throws -> [String] {
    let targets = try labels.map { try Tensor(shape: Shape([$0.count]), $0.map { Int64($0) }) }
    let data = TestModels.data(
      x, task: targets == nil ? .fidelity : .classification(classes: []), targets: targets)
    let experiment = try Experiment(model: model, evaluation: data, calibration: nil, options: .small)
    return try await Evaluator(experiment, meter: nil).dataFindings(promised: promised, isPlain: isPlain)
  }

  /// The largest of |value - 0.5|, for values in 0...1: what it makes of 0...255 is the largest value.
  private static func distances() throws -> Model {
    var model = try TestModels.linear((0..<4).map { row in (0..<4).map { $0 == row ? 1 : 0 } })
    model.graph.nodes = [
      Node(name: "shift", kind: "Sub", inputs: ["x", "half"], outputs: ["d"]),
      Node(name: "abs", kind: "Abs", inputs: ["d"], outputs: ["a"]),
      Node(name: "fc", kind: "MatMul", inputs: ["a", "w"], outputs: ["y"]),
    ]
    model.graph.initializers["half"] = .dense(try Tensor(shape: [1], [0.5] as [Float]))
    return model
  }

  /// Even ones, so that none lies as far from the middle as another on its other side.
  private static func bytes(_ samples: Int) throws -> Tensor {
    var generator = SeededGenerator(seed: 11)
    return try Tensor(
      shape: Shape([samples, 4]), (0..<samples * 4).map { _ in Float(generator.next() % 128 * 2) })
  }

  private static func best(_ x: Tensor, _ score: (Float) -> Float) -> [Int] {
    let values = x.floats.map(score)
    return (0..<x.shape[0]).map { row in
      (0..<4).reduce(0) { values[row * 4 + $1] > values[row * 4 + $0] ? $1 : $0 }
    }
  }

  @Test func bytesThatShouldBeSharesNameTheScale() async throws {
    let x = try Self.bytes(200)
    let labels = Self.best(x) { abs($0 / 255 - 0.5) }
    let findings = try await Self.findings(Self.distances(), x, labels: labels, promised: 0.98)
    let finding = try #require(findings.first)
    #expect(finding.hasPrefix("The card gives 98.0 %, but the model as it was opened gets "))
    #expect(finding.hasSuffix("With --scale 0.003921569 it is 100.0 % on 128 samples."))
    // Prepared already: no flags can be told from here.
    let prepared = try await Self.findings(
      Self.distances(), x, labels: labels, promised: 0.98, isPlain: false)
    #expect(try !#require(prepared.first).contains("--scale 0"))
  }

  @Test func whatIsAsPromisedIsNotSpokenOf() async throws {
    let x = try Self.bytes(200)
    let labels = Self.best(x) { abs($0 - 0.5) }
    #expect(try await Self.findings(Self.distances(), x, labels: labels, promised: 1).isEmpty)
    #expect(try await Self.findings(Self.distances(), x, labels: nil).isEmpty)
  }

  @Test func chanceIsNamed() async throws {
    let x = try Self.bytes(200)
    var generator = SeededGenerator(seed: 5)
    let labels = (0..<200).map { _ in Int(generator.next() % 4) }
    let finding = try #require(try await Self.findings(Self.distances(), x, labels: labels).first)
    #expect(finding.contains("near the 25.0 % of chance") && finding.contains("--layout"))
  }

  @Test func labelsBesideTheAnswersAreNamed() async throws {
    let x = try Self.bytes(200)
    // The last class never occurs, so that no label tells the shift.
    let best = Self.best(x) { abs($0 - 0.5) }
    let rows = best.indices.filter { best[$0] > 0 }
    let finding = try #require(
      try await Self.findings(Self.distances(), x.gathered(rows), labels: rows.map { best[$0] - 1 }).first)
    #expect(finding.contains("labels plus 1 on 100.0 %"))
  }

  /// A batch normalization's stored statistics tell what its inputs were, also without labels.
  @Test func theFirstNormalizationTellsTheRange() async throws {
    var model = try TestModels.linear((0..<4).map { row in (0..<4).map { $0 == row ? 1 : 0 } })
    model.graph.nodes.insert(
      Node(name: "norm", kind: "BatchNormalization", inputs: ["x", "s", "b", "m", "v"], outputs: ["n"]), at: 0
    )
    model.graph.nodes[1].inputs[0] = "n"
    for (name, value) in [("s", 1), ("b", 0), ("m", 0.5), ("v", 0.083)] as [(String, Float)] {
      model.graph.initializers[name] = .dense(try Tensor(shape: [4], [Float](repeating: value, count: 4)))
    }
    let finding = try #require(try await Self.findings(model, Self.bytes(40), labels: nil).first)
    #expect(finding.contains("(norm)") && finding.hasSuffix("try --scale 0.003921569."))
    let shares = try Tensor(shape: [40, 4], Self.bytes(40).floats.map { $0 / 255 })
    #expect(try await Self.findings(model, shares, labels: nil).isEmpty)
  }
}

/// Models that hand states from step to step.
@Suite struct CarriedStateTests {
  /// y = state + x, stateN = y: after the second step y depends on what the first left.
  private static func accumulator() throws -> Model {
    func value(_ name: String) -> ValueInfo {
      ValueInfo(name: name, dataType: .float32, dimensions: [.symbolic("batch"), .fixed(4)])
    }
    let graph = Graph(
      name: "sum", inputs: [value("x"), value("state")], outputs: [value("stateN"), value("y")],
      nodes: [
        Node(name: "fc", kind: "MatMul", inputs: ["x", "w"], outputs: ["p"]),
        Node(name: "next", kind: "Add", inputs: ["p", "state"], outputs: ["stateN"]),
        Node(name: "out", kind: "Tanh", inputs: ["stateN"], outputs: ["y"]),
      ],
      initializers: [
        "w": .dense(
          try Tensor(shape: [4, 4], (0..<16).map { $0 / 4 == $0 % 4 ? Float(1) + Float($0) / 100 : 0.07 }))
      ], opsets: ["": 17])
    return Model(graph: graph, metadata: Model.Metadata(fileName: "sum.onnx"))
  }

  @Test func statesAreHandedOnAndAreNotTheHeadline() async throws {
    let experiment = try Experiment(
      model: Self.accumulator(), evaluation: nil, calibration: nil, options: .small)
    #expect(experiment.output == "y")
    let evaluator = Evaluator(experiment, meter: nil)
    let same = try #require(try await evaluator.settled(.identity, budget: .brief).accuracy)
    #expect(same.value == 1 && same.samples == 256 && same.data == "256 seeded random sequences of 8 steps")
    let recipe = Recipe(model: LayerSettings().with(\.weightBits, .quantized(.int4)))
    let reading = try #require(try await evaluator.settled(recipe, budget: .brief).accuracy)
    #expect(reading.metric == .r2 && reading.value < 1)
    let state = try #require(reading.otherOutputs?.first { $0.output == "stateN" })
    #expect(state.metric == .r2 && state.value < 1)
  }
}
