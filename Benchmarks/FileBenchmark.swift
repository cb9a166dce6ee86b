import Evaluation
import Execution
import Foundation
import GraphIR
import Kernels
import Session
import TensorCore

/// ONNX files beside ONNX Runtime, on made-up inputs, one thread, turn by turn.
///
/// Both sides are timed by their processor time, and the fastest of the rounds counts: what else runs on the machine only
/// ever adds to a reading.
struct FileBenchmark {
  static let verb = BenchmarkVerb(
    name: "files", arguments: "[--steps] [--rounds N] FILE... [-- PEER-COMMAND...]",
    summary: "ONNX files beside ONNX Runtime, one thread, on made-up inputs; with the time of each step.",
    run: { try run($0) })

  private static func run(_ arguments: [String]) throws {
    let parts = arguments.split(separator: "--", maxSplits: 1).map(Array.init)
    var files: [String] = []
    var (showsSteps, rounds) = (false, 11)
    var rest = (parts.first ?? [])[...]
    while let argument = rest.popFirst() {
      switch argument {
      case "--steps": showsSteps = true
      case "--rounds": rounds = rest.popFirst().flatMap(Int.init) ?? rounds
      default: files.append(argument)
      }
    }
    guard !files.isEmpty else {
      print("usage: paretop-bench \(verb.name) \(verb.arguments)")
      exit(64)
    }
    let level = try CPUFeatureLevel.selected(environment: ProcessInfo.processInfo.environment)
    let peer = try parts.count > 1 ? KernelPeer(command: parts[1], name: "ONNX Runtime") : nil
    _ = MachinePeak.pinThread()
    print("\(CPUFeatureLevel.processorName), \(level), 1 thread, fastest of \(rounds) rounds")
    for file in files {
      let opened = try OpenedModel(OpenRequest(path: file))
      let plan = try ModelPlan(graph: opened.model.graph, options: PlanOptions(level: level))
      let context = plan.makeContext()
      let inputs = try SyntheticInputs(for: opened.model.graph, axes: opened.axes, seed: 1)
      for (name, tensor) in try inputs.samples(0..<samples(of: plan, opened.axes)) {
        try context.setInput(name, tensor)
      }
      _ = try peer?.seconds("open\t\(file)")
      var (own, theirs): ([Double], [Double]) = ([], [])
      for _ in 0..<rounds {
        if let peer { theirs.append(try peer.seconds("run\t1\t0.02")) }
        own.append(
          try RunClock.seconds(for: 0.02, byProcessorTime: true) { try plan.run(in: context) })
      }
      show(file, own: own.min() ?? .nan, peer: theirs.min())
      if showsSteps { try show(plan, context, rounds: rounds) }
    }
  }

  /// Samples that a run takes.
  private static func samples(of plan: ModelPlan, _ axes: SampleAxes) -> Int {
    let counts = plan.inputs.compactMap { name, type in
      if case .axis(let axis) = axes[name] { type.shape[axis] } else { nil }
    }
    return counts.first ?? 1
  }

  private static func show(_ file: String, own: Double, peer: Double?) {
    let name = URL(filePath: file).lastPathComponent.padding(toLength: 32, withPad: " ", startingAt: 0)
    let ratio = peer.map { String(format: "  ONNX Runtime %9.1f us  %5.2fx as fast", $0 * 1e6, $0 / own) }
    print(name + String(format: "%9.1f us", own * 1e6) + (ratio ?? ""))
    fflush(nil)
  }

  private static func show(_ plan: ModelPlan, _ context: ModelContext, rounds: Int) throws {
    let times = UnsafeMutableBufferPointer<UInt64>.allocate(capacity: plan.steps.count)
    defer { times.deallocate() }
    var least = [UInt64](repeating: .max, count: plan.steps.count)
    for _ in 0..<20 * rounds {
      try plan.runTimed(in: context, stepNanoseconds: times)
      least = zip(least, times).map { min($0, $1) }
    }
    for (step, time) in zip(plan.steps, least) {
      print(String(format: "    %9.1f us  ", Double(time) / 1000) + "\(step.name)  \(step.kernel)")
    }
  }
}
