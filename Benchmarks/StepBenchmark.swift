import Evaluation
import Execution
import Foundation
import Kernels
import TensorCore

/// Where the time of one sample model goes: the steps of its plan, alone and with a second thread.
struct StepBenchmark {
  static let verb = BenchmarkVerb(
    name: "steps", arguments: "MODEL-FOLDER fp32|int8 BATCH",
    summary: "Nanoseconds of each step of a sample model's plan, with one and two threads.",
    run: { try run($0) })

  private static func run(_ arguments: [String]) throws {
    guard arguments.count == 3, let form = ModelForm(rawValue: arguments[1]), let batch = Int(arguments[2])
    else {
      print("usage: paretop-bench \(verb.name) \(verb.arguments)")
      exit(64)
    }
    let level = try CPUFeatureLevel.selected(environment: ProcessInfo.processInfo.environment)
    let cases = try ModelCases(folder: arguments[0], level: level)
    let subjects = try [1, 2].map { try cases.subject(form, batch: batch, threads: $0) }
    var times: [[[Double]]] = subjects.map { _ in [] }
    var totals: [[Double]] = subjects.map { _ in [] }
    // Other tenants of the processor slow both cores for seconds at a time: the peak is taken between the runs.
    let probe = MachinePeak(table: KernelTable.for(level))
    var peaks: [Double] = []
    for _ in 0..<40 {
      peaks.append(probe.floatsNow * 1e-9)
      for (index, subject) in subjects.enumerated() {
        totals[index].append(try subject.seconds(for: 0.005, byProcessorTime: false) * 1e9)
        times[index].append(try subject.stepNanoseconds())
      }
    }
    let medians = times.map { rounds in
      rounds[0].indices.map { step in Statistics.median(rounds.map { $0[step] }) ?? 0 }
    }
    func column(_ value: Double) -> String {
      let text = String(format: "%.1f us", value / 1000)
      return String(repeating: " ", count: max(0, 12 - text.count)) + text
    }
    let peak = Statistics.median(peaks) ?? 0
    print(String(format: "peak in between: %.1f GFLOP/s float", peak))
    print(
      "    1 thread   of peak   2 threads    moved  step (those that a region shares among threads have the same time)"
    )
    for (index, step) in subjects[0].plan.steps.enumerated() {
      let macs = subjects[0].plan.layers.first { $0.node == step.layer }?.macs
      let share = macs.map { String(format: "%8.0f %%", 200 * Double($0) / medians[0][index] / peak) }
      let moved = step.traffic.map { Double($0.weightsRead + $0.dataRead + $0.dataWritten) / 1024 }
      print(
        column(medians[0][index]) + (share ?? "          ") + column(medians[1][index])
          + (moved.map { String(format: "%6.0f KB", $0) } ?? "         ")
          + "  \(step.name)  \(step.kernel)")
    }
    print(totals.map { column(Statistics.median($0) ?? 0) }.joined() + "  a run, steps not timed")
  }
}

extension ModelSubject {
  /// What one run's steps took.
  func stepNanoseconds() throws -> [Double] {
    let times = UnsafeMutableBufferPointer<UInt64>.allocate(capacity: plan.steps.count)
    defer { times.deallocate() }
    try plan.runTimed(in: context, stepNanoseconds: times)
    return times.map { Double($0) }
  }
}
