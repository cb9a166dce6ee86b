import Compression
import Evaluation
import Foundation
import Recipes
import Session
import TensorCore
import TerminalUI
import Testing
import Workbench

/// An application on an invented model, driven by keys and readings as a person and an engine would.
struct TestBench {
  var state: WorkbenchState
  private(set) var effects: [Effect] = []
  private let update = Update(now: { Date(timeIntervalSince1970: 0) })

  init(width: Int = 120, height: Int = 36, screens: [any Screen] = Screens.all) {
    state = WorkbenchState(
      subject: .sample(),
      history: History(created: Date(timeIntervalSince1970: 0)),
      appearance: Appearance(theme: "dark", themes: ["dark", "light", "plain"]),
      size: Size(width: width, height: height), screens: screens)
    effects = update.start(&state)
  }

  mutating func press(_ keys: KeyEvent...) { for key in keys { effects += update(&state, .key(key)) } }

  mutating func type(_ text: String) { for character in text { press(.character(character)) } }

  mutating func send(_ message: Message) { effects += update(&state, message) }

  /// Answers the measurement under way with a settled reading that fits its recipe.
  mutating func settle(accuracy: Double = 0.95) {
    guard let id = state.measuring else { return }
    let recipe = state.history.variants[id].recipe
    send(.reading(request: state.request, .sample(of: recipe, accuracy: accuracy)))
  }

  /// Answers the measurement under way with a first reading, which may still move.
  mutating func read(accuracy: Double = 0.95) {
    guard let id = state.measuring else { return }
    let recipe = state.history.variants[id].recipe
    send(.reading(request: state.request, .sample(of: recipe, accuracy: accuracy, stage: .first)))
  }

  /// Lets the measurement under way fail.
  mutating func fail(_ reason: String) { send(.measurementFailed(request: state.request, reason)) }

  /// Types a command into the palette and runs it.
  mutating func run(_ command: String) {
    press(":")
    type(command)
    press(.enter)
  }

  mutating func takeEffects() -> [Effect] {
    defer { effects = [] }
    return effects
  }

  var screen: Canvas {
    var canvas = Canvas(size: state.size)
    canvas.draw(ShellView(state))
    return canvas
  }

  var text: String { screen.lines.joined(separator: "\n") }
}

extension SubjectSummary {
  static func sample() -> SubjectSummary {
    SubjectSummary(
      title: "sample.onnx", parameters: 110_000, originalBytes: 440_000, data: "samples 1 000",
      metric: "top-1",
      features: "AVX2", threads: 1,
      layers: [
        LayerSummary(name: "/conv1/Conv", kind: "Conv 16x1x5x5", parameters: 400, bytes: 1_664),
        LayerSummary(name: "/fc1/Gemm", kind: "Gemm 100x1000", parameters: 100_000, bytes: 400_400),
        LayerSummary(name: "/fc2/Gemm", kind: "Gemm 10x100", parameters: 1_000, bytes: 4_040),
      ])
  }
}

extension Readings {
  /// Figures that follow from the recipe, so that screens are the same every time.
  static func sample(of recipe: Recipe, accuracy: Double, stage: Stage = .settled) -> Readings {
    let bits: Double =
      switch recipe.model.weightBits {
      case .float32: 32
      case .float16: 16
      case .quantized(let bits): bits.storedBits
      }
    let keep = (1 - recipe.model.prune) * bits / 32
    var size = SizeReading(
      bytes: Int(440_000 * keep), originalBytes: 440_000, parameters: 110_000, nonzeros: 110_000)
    size.deflatedBytes = Int(400_000 * keep)
    size.originalParameters = 110_000
    let speedup = 1 / max(keep, 0.1)
    return Readings(
      stage: stage, size: size,
      latency: LatencyReading(
        p50: 200_000 / speedup, p95: 240_000 / speedup, originalP50: 200_000, originalP95: 240_000,
        speedup: speedup,
        speedupInterval: Interval(low: speedup * 0.98, high: speedup * 1.02), runs: 400, batch: 1, threads: 1),
      accuracy: AccuracyReading(
        metric: .top1, value: accuracy, interval: Interval(low: accuracy - 0.01, high: accuracy + 0.01),
        originalValue: 0.95, originalInterval: Interval(low: 0.94, high: 0.96), difference: accuracy - 0.95,
        differenceInterval: Interval(low: accuracy - 0.955, high: accuracy - 0.945),
        onlyOriginalCorrect: accuracy == 0.95 ? 0 : 10,
        onlyCompressedCorrect: accuracy == 0.95 ? 0 : 2, samples: 1000, totalSamples: 1000, data: "samples"),
      energy: EnergyReading(
        joules: 2e-6 * keep, originalJoules: 2e-6, source: .estimated, model: "Horowitz 2014, 45 nm"),
      operations: OperationReading(
        macs: 2_400_000, originalMacs: 2_400_000, executedMacs: Int(2_400_000 * (1 - recipe.model.prune))),
      layers: [("/conv1/Conv", 1_664), ("/fc1/Gemm", 400_400), ("/fc2/Gemm", 4_040)].map { name, bytes in
        LayerReading(
          name: name, kind: "Gemm",
          size: LayerSize(
            originalBytes: bytes, bytes: Int(Double(bytes) * keep), parameters: 1, nonzeros: 1, form: "dense"),
          nanoseconds: Double(bytes) / 4 * keep, originalNanoseconds: Double(bytes) / 4, kernel: "f32 dense",
          remarks: name == "/conv1/Conv" && keep < 1 ? ["density too high for a sparse kernel"] : [])
      })
  }
}

/// Compares a screen with a golden file. `PARETOP_RECORD=1` writes the file instead, and fails so that it is not left on.
func expectGolden(_ name: String, _ canvas: Canvas, sourceLocation: SourceLocation = #_sourceLocation) throws
{
  let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden/\(name).txt")
  let text = canvas.lines.map { $0.trimmingTrailingSpaces }.joined(separator: "\n") + "\n"
  if ProcessInfo.processInfo.environment["PARETOP_RECORD"] == "1" {
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try text.write(to: file, atomically: true, encoding: .utf8)
    Issue.record("recorded \(name); run again without PARETOP_RECORD", sourceLocation: sourceLocation)
    return
  }
  let golden = try String(contentsOf: file, encoding: .utf8)
  guard golden != text else { return }
  let differing = zip(
    golden.split(separator: "\n", omittingEmptySubsequences: false),
    text.split(separator: "\n", omittingEmptySubsequences: false)
  )
  .enumerated().filter { $0.element.0 != $0.element.1 }
  .map { "row \($0.offset)\n  expected \($0.element.0)\n  found    \($0.element.1)" }
  Issue.record("\(name) differs:\n\(differing.joined(separator: "\n"))", sourceLocation: sourceLocation)
}

extension String {
  fileprivate var trimmingTrailingSpaces: String {
    String(reversed().drop { $0 == " " }.reversed())
  }
}
