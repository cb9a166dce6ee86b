import Compression
import Evaluation
import Foundation
import Kernels
import Recipes
import Session
import TensorCore

/// How long a person waits after turning a knob, against ONNX Runtime asked the same question; and what 8 bits and
/// 90 % pruning come to. Prints tables; nothing here passes or fails.
struct KnobBenchmark {
  static let verb = BenchmarkVerb(
    name: "knobs", arguments: "MODEL-FOLDER [PEER.json]",
    summary: "How long a knob turn takes, beside ONNX Runtime's answer to the same question.",
    run: { try await run($0) })

  private static func run(_ arguments: [String]) async throws {
    guard let path = arguments.first else {
      print("usage: paretop-bench \(verb.name) \(verb.arguments)")
      exit(64)
    }
    let opened = try OpenedModel(OpenRequest(path: path))
    let level = try CPUFeatureLevel.selected(environment: ProcessInfo.processInfo.environment)
    let threads = ProcessInfo.processInfo.activeProcessorCount
    let experiment = try opened.experiment(Experiment.Options(level: level, threads: threads))
    let evaluator = Evaluator(experiment)
    _ = try await evaluator.settled(.identity)
    print("\(opened.name) on \(experiment.machine.summary)\n")
    let question = try await waits(evaluator)
    if arguments.count > 1 { try compare(question, peerFile: arguments[1]) }
    try await targets(evaluator)
  }

  /// Seconds from asking to the first complete and to the settled reading, over single steps of each knob.
  private static func waits(_ evaluator: Evaluator) async throws -> Waits {
    var all = Waits()
    print(tableRow("knob to reading, ms", "size", "first", "settled", "(medians)"))
    for (name, steps) in knobSteps {
      var waits = Waits()
      for recipe in steps { waits.append(try await wait(recipe, evaluator)) }
      all.append(waits)
      print(waits.row(name))
    }
    print(all.row("all"), "\n")
    return all
  }

  private static func wait(_ recipe: Recipe, _ evaluator: Evaluator) async throws -> Waits {
    let clock = ContinuousClock()
    let start = clock.now
    var waits = Waits()
    for try await measurement in evaluator.readings(of: recipe) {
      let seconds = start.duration(to: clock.now) / .seconds(1)
      switch measurement.stage {
      case .size: waits.size.append(seconds)
      case .first: if waits.first.isEmpty { waits.first.append(seconds) }
      case .settled: waits.settled.append(seconds)
      }
    }
    return waits
  }

  private static var knobSteps: [(String, [Recipe])] {
    func steps<Value>(_ values: [Value], _ path: WritableKeyPath<LayerSettings, Value>) -> [Recipe] {
      values.map { value in
        var recipe = Recipe.identity
        recipe.model[keyPath: path] = value
        return recipe
      }
    }
    var integer = Recipe.identity
    integer.model.weightBits = .quantized(.int8)
    integer.model.activationBits = .int8
    var structured = Recipe.identity
    structured.model.pattern = .channels
    return [
      ("prune", steps(Array(stride(from: 0.1, through: 0.9, by: 0.1)), \.prune)),
      (
        "prune, structured",
        [0.2, 0.4, 0.6, 0.8].map {
          structured.model.prune = $0
          return structured
        }
      ),
      ("bits", steps(WeightPrecision.allCases.filter { $0 != .float32 }, \.weightBits)),
      ("rank", steps([0.8, 0.6, 0.4, 0.2, 0.1], \.rank)),
      ("8 bits, activations 8", [integer]),
    ]
  }

  private static func compare(_ ours: Waits, peerFile: String) throws {
    struct Peer: Decodable {
      struct Seconds: Decodable { let total: Double }
      let seconds: Seconds
    }
    let data = try Data(contentsOf: URL(filePath: peerFile))
    let peer = try JSONDecoder().decode(Peer.self, from: data).seconds.total
    guard let settled = Statistics.median(ours.settled), let first = Statistics.median(ours.first) else {
      return
    }
    print(
      "the same question asked of ONNX Runtime (quantize_static, new session, evaluate, time), one warm process:"
    )
    print(
      "  ONNX Runtime \(milliseconds(peer)) ms; first reading \(ratio(peer / first)), settled \(ratio(peer / settled)) as fast\n"
    )
  }

  /// The figures the project promises for 8 bits and prints for 90 % pruning.
  private static func targets(_ evaluator: Evaluator) async throws {
    var weights = Recipe.identity
    weights.model.weightBits = .quantized(.int8)
    var integer = weights
    integer.model.activationBits = .int8
    var pruned = Recipe.identity
    pruned.model.prune = 0.9
    print(tableRow("recipe", "size %", "accuracy", "change", "speed-up"))
    for (name, recipe) in [("8 bits", weights), ("8 bits, activations 8", integer), ("90 % pruned", pruned)] {
      let measurement = try await evaluator.settled(recipe, budget: .thorough)
      guard let accuracy = measurement.accuracy, let latency = measurement.latency else { continue }
      let size = Double(measurement.size.bytes) / Double(measurement.size.originalBytes) * 100
      print(
        tableRow(
          name, String(format: "%.1f", size), String(format: "%.2f", accuracy.value * 100),
          String(format: "%+.2f", accuracy.difference * 100),
          String(
            format: "%.2f [%.2f, %.2f]", latency.speedup, latency.speedupInterval.low,
            latency.speedupInterval.high)))
    }
  }
}

/// Seconds until each kind of reading.
private struct Waits {
  var size: [Double] = []
  var first: [Double] = []
  var settled: [Double] = []

  mutating func append(_ other: Waits) {
    size += other.size
    first += other.first
    settled += other.settled
  }

  func row(_ name: String) -> String {
    let columns = [size, first, settled].map { Statistics.median($0).map(milliseconds) ?? "-" }
    return tableRow(name, columns[0], columns[1], columns[2], "")
  }
}

private func milliseconds(_ seconds: Double) -> String { String(format: "%.1f", seconds * 1e3) }

private func ratio(_ value: Double) -> String { String(format: "%.1fx", value) }

private func tableRow(_ name: String, _ columns: String...) -> String {
  ([name.padding(toLength: 24, withPad: " ", startingAt: 0)]
    + columns.map { String(repeating: " ", count: max(0, 10 - $0.count)) + $0 }).joined(separator: " ")
}
