import Compression
import Evaluation
import Glibc
import GraphIR
import Recipes
import TensorCore
import Testing

/// Each kind of output is judged by what fits it, with values worked out by hand or in plain loops.
@Suite struct MetricTests {
  private static func reading(
    _ graph: Graph, _ recipe: Recipe = .identity, data: Dataset? = nil, options: Experiment.Options = .small
  ) async throws -> (AccuracyReading, [String]) {
    let model = Model(graph: graph, metadata: Model.Metadata(fileName: "m.onnx"))
    let experiment = try Experiment(model: model, evaluation: data, calibration: nil, options: options)
    let settled = try await Evaluator(experiment, meter: nil).settled(recipe, budget: .brief)
    return (try #require(settled.accuracy), experiment.notices)
  }

  private static func matrix(_ rows: Int, _ columns: Int, seed: UInt64 = 4) throws -> Weight {
    var generator = SeededGenerator(seed: seed)
    return .dense(
      try Tensor(shape: Shape([rows, columns]), (0..<rows * columns).map { _ in generator.normal() }))
  }

  private static func value(_ name: String, _ dimensions: [Dimension]?) -> ValueInfo {
    ValueInfo(name: name, dataType: .float32, dimensions: dimensions)
  }

  private static let wide = Recipe(model: LayerSettings().with(\.weightBits, .quantized(.int8)))
  private static let coarse = Recipe(model: LayerSettings().with(\.weightBits, .quantized(.int2)))

  /// A constant in front of the output that matters, as policies of Unity's ML-Agents have it.
  @Test func anOutputThatNothingChangesIsNotJudged() async throws {
    let graph = Graph(
      name: "policy", inputs: [Self.value("obs", [.symbolic("batch"), .fixed(28)])],
      outputs: [Self.value("version", [.fixed(1)]), Self.value("actions", [.symbolic("batch"), .fixed(3)])],
      nodes: [
        Node(name: "v", kind: "Identity", inputs: ["three"], outputs: ["version"]),
        Node(name: "fc", kind: "MatMul", inputs: ["obs", "w"], outputs: ["actions"]),
      ],
      initializers: ["three": .dense(try Tensor(shape: [1], [3] as [Float])), "w": try Self.matrix(28, 3)],
      opsets: ["": 13])
    let (reading, notices) = try await Self.reading(graph, Self.coarse)
    #expect(reading.output == "actions" && reading.metric == .fidelity)
    #expect(reading.value < 0.95 && reading.originalValue == 1)
    #expect(reading.leftOut == ["version does not depend on the inputs"])
    #expect(notices.contains { $0.contains("\"version\" does not depend") })
    await #expect(throws: EvaluationError.self) {
      try await Self.reading(graph, options: Experiment.Options(threads: 1, output: "nothing"))
    }
  }

  /// Colours are no classes: a picture is judged by its values, as signal and noise.
  @Test func picturesAreJudgedByTheirValues() async throws {
    var generator = SeededGenerator(seed: 8)
    let weights = try Tensor(shape: [3, 3, 3, 3], (0..<81).map { _ in generator.normal() })
    let graph = Graph(
      name: "sr", inputs: [Self.value("x", [.symbolic("N"), .fixed(3), .fixed(8), .fixed(8)])],
      outputs: [Self.value("y", nil)],
      nodes: [
        Node(
          name: "c", kind: "Conv", inputs: ["x", "w"], outputs: ["y"],
          attributes: ["pads": .ints([1, 1, 1, 1])])
      ], initializers: ["w": .dense(weights)], opsets: ["": 13])
    let (reading, _) = try await Self.reading(graph, Self.wide)
    #expect(reading.metric == .r2 && reading.value > 0.999 && reading.value < 1)
    let noise = try #require(reading.asides?.first { $0.key == "snr_db" }?.value)
    // Outputs of zero mean: their power is their variance.
    #expect(abs(noise - 10 * log10(1 / (1 - reading.value))) < 0.2)
    let peak = try #require(reading.asides?.first { $0.key == "psnr_db" }?.value)
    #expect(peak > noise + 6 && peak < noise + 24)
  }

  @Test func positionsCountOneByOneAndDivergenceStandsBeside() async throws {
    let graph = Graph(
      name: "lm", inputs: [Self.value("x", [.symbolic("N"), .fixed(6), .fixed(8)])],
      outputs: [Self.value("y", nil)],
      nodes: [Node(name: "fc", kind: "MatMul", inputs: ["x", "w"], outputs: ["y"])],
      initializers: ["w": try Self.matrix(8, 11)], opsets: ["": 17])
    let (reading, _) = try await Self.reading(graph, Self.coarse)
    #expect(reading.metric == .agreement && reading.output == "y")
    // All six positions at once agree far less often than each of them.
    var strict = Experiment.Options.small
    strict.metric = .exactMatch
    let (whole, _) = try await Self.reading(graph, Self.coarse, options: strict)
    #expect(whole.value < reading.value - 0.2 && reading.value < 1)
    let divergence = try #require(reading.asides?.first { $0.key == "kl" }?.value)
    #expect(divergence > 0.01 && divergence < 10)
    let (same, _) = try await Self.reading(graph)
    #expect(same.value == 1 && same.asides == [AsideReading(key: "kl", value: 0)])
    // Where the task reads one position only, the others do not count.
    var one = Experiment.Options.small
    one.positions = 2..<3
    let (read, _) = try await Self.reading(graph, Self.coarse, options: one)
    #expect(read.value != reading.value)
  }

  @Test func embeddingsAreJudgedByTheirDirection() async throws {
    let graph = Graph(
      name: "e", inputs: [Self.value("x", [.symbolic("N"), .fixed(8)])],
      outputs: [Self.value("sentence_embedding", nil)],
      nodes: [Node(name: "fc", kind: "MatMul", inputs: ["x", "w"], outputs: ["sentence_embedding"])],
      initializers: ["w": try Self.matrix(8, 12)], opsets: ["": 17])
    let (reading, _) = try await Self.reading(graph, Self.wide)
    #expect(reading.metric == .cosine && reading.value > 0.9995 && reading.value < 1)
    #expect(reading.interval.high - reading.interval.low < 0.001)
    let (coarse, _) = try await Self.reading(graph, Self.coarse)
    #expect(coarse.value < reading.value)
  }

  private func numbers(_ values: Float...) -> Judge.Numbers { values[...] }

  private func value(_ aside: Aside, _ answer: Judge.Numbers, _ wanted: Judge.Numbers) throws -> Double {
    var sums = aside.sums
    aside.add(&sums, answer, wanted)
    return try #require(aside.value(sums))
  }

  @Test func arithmeticOfTheMetrics() throws {
    #expect(abs(Judge.cosine(numbers(3, 4), numbers(4, 3)) - 0.96) < 1e-9)
    #expect(Judge.cosine(numbers(0, 0), numbers(0, 0)) == 1)
    #expect(Judge.cosine(numbers(.nan, 1), numbers(1, 1)) == 0)
    #expect(Judge.same(numbers(1, 2, 3, -1), numbers(1, 0, 3, -1)) == 0.5)
    // Class 0: 1 of 3 pixels in either; class 1: 2 of 4.
    let union = try value(.intersectionOverUnion(classes: 3), numbers(0, 0, 1, 1, 1), numbers(0, 1, 0, 1, 1))
    let wantedUnion: Double = (1.0 / 3 + 2.0 / 4) / 2
    #expect(abs(union - wantedUnion) < 1e-12)
    // (0.5, 0.5) from (0.25, 0.75): 0.5 ln 2 + 0.5 ln (2 / 3).
    let divergence = try value(.divergence(classes: 2), numbers(0.25, 0.75), numbers(0.5, 0.5))
    let wantedDivergence: Double = 0.5 * log(4.0 / 3)
    #expect(abs(divergence - wantedDivergence) < 1e-6)
    // Power 25 over noise 0.25 is 20 dB; range 1 over a mean square of 0.125 is 9.03 dB.
    #expect(abs(try value(.signalToNoise, numbers(3, 4.5), numbers(3, 4)) - 20) < 1e-9)
    #expect(abs(try value(.peakSignalToNoise, numbers(3, 4.5), numbers(3, 4)) - 9.0309) < 1e-3)
    #expect(AsideReading(key: "psnr_db", value: 48.26).text == "PSNR 48.3 dB")
    #expect(AsideReading(key: "miou", value: 0.5).text == "mIoU 50.0 %")
  }

  /// y = x over four classes, so that the largest input is the answer.
  private static func identity() throws -> Graph {
    try TestModels.linear((0..<4).map { row in (0..<4).map { $0 == row ? 1 : 0 } }).graph
  }

  private static func best(_ x: Tensor) -> [Int] {
    let values = x.floats
    return (0..<x.shape[0]).map { row in (0..<4).max { values[row * 4 + $0] < values[row * 4 + $1] } ?? 0 }
  }

  @Test func labelsThatCountFromOneAreTakenAsSuch() async throws {
    let x = try TestModels.inputs(samples: 100, features: 4)
    let labels = try Tensor(shape: [100], Self.best(x).map { Int64($0 + 1) })
    let data = TestModels.data(x, task: .classification(classes: []), targets: labels)
    let (reading, notices) = try await Self.reading(try Self.identity(), data: data)
    #expect(reading.metric == .top1 && reading.value == 1)
    #expect(notices == [try #require(notices.first { $0.contains("count from 1 to 4") })])
  }

  @Test func metricsAreChosen() async throws {
    let x = try TestModels.inputs(samples: 100, features: 4)
    let labels = try Tensor(shape: [100], Self.best(x).map { Int64(($0 + 1) % 4) })
    let data = TestModels.data(x, task: .classification(classes: []), targets: labels)
    func value(_ metric: Metric?, _ data: Dataset?) async throws -> AccuracyReading {
      var options = Experiment.Options.small
      options.metric = metric
      return try await Self.reading(Self.identity(), data: data, options: options).0
    }
    #expect(try await value(nil, data).value == 0)
    // Held against the original, whose labels are all wrong.
    #expect(try await value(.fidelity, data).value == 1)
    #expect(try await value(.r2, nil).metric == .r2)
    await #expect(throws: EvaluationError.noLabels(metric: "top-1", data: "256 seeded random inputs")) {
      _ = try await value(.top1, nil)
    }
    await #expect(throws: EvaluationError.self) { _ = try await value(.top5, data) }
  }

  @Test func eachOfSeveralLabelsIsJudged() async throws {
    let x = try TestModels.inputs(samples: 50, features: 4)
    // Yes where a value is above 0, but for the first label of every second sample.
    let targets = x.floats.enumerated().map { index, value -> Float in
      index % 8 == 0 ? (value > 0 ? 0 : 1) : (value > 0 ? 1 : 0)
    }
    let data = TestModels.data(x, task: .multiLabel, targets: try Tensor(shape: [50, 4], targets))
    let (reading, _) = try await Self.reading(try Self.identity(), data: data)
    #expect(reading.metric == .labelAgreement && abs(reading.value - 7.0 / 8) < 1e-9)
    #expect(reading.asides == [AsideReading(key: "whole_fraction", value: 0.5)])
  }

  @Test func masksAreJudgedPixelByPixel() async throws {
    let graph = Graph(
      name: "seg", inputs: [Self.value("x", [.symbolic("N"), .fixed(4), .fixed(6), .fixed(6)])],
      outputs: [Self.value("y", nil)],
      nodes: [Node(name: "c", kind: "Conv", inputs: ["x", "w"], outputs: ["y"])],
      initializers: [
        "w": .dense(
          try Tensor(shape: [4, 4, 1, 1], (0..<16).map { $0 / 4 == $0 % 4 ? Float(1) : 0 }))
      ], opsets: ["": 13])
    var generator = SeededGenerator(seed: 2)
    let x = try Tensor(shape: [10, 4, 6, 6], (0..<1440).map { _ in generator.normal() })
    let values = x.floats
    func best(_ sample: Int, _ pixel: Int) -> Int64 {
      let scores = (0..<4).map { values[sample * 144 + $0 * 36 + pixel] }
      return Int64(scores.indices.max { scores[$0] < scores[$1] } ?? 0)
    }
    var labels = (0..<360).map { best($0 / 36, $0 % 36) }
    // A quarter of each picture is wrong, another is not to be judged.
    for place in labels.indices where place % 4 == 0 { labels[place] = (labels[place] + 1) % 4 }
    for place in labels.indices where place % 4 == 1 { labels[place] = -100 }
    let data = TestModels.data(x, task: .positions, targets: try Tensor(shape: [10, 6, 6], labels))
    let (reading, _) = try await Self.reading(graph, data: data)
    #expect(reading.metric == .pixelAgreement && abs(reading.value - 2.0 / 3) < 1e-9)
    #expect(reading.asides?.first?.key == "miou")
    let (fidelity, _) = try await Self.reading(graph)
    #expect(fidelity.metric == .pixelAgreement && fidelity.value == 1)
    #expect(fidelity.asides == [AsideReading(key: "miou", value: 1)])
  }
}
