import Evaluation
import Execution
import Foundation
import Kernels
import Session
import TensorCore

/// The sample models beside ONNX Runtime: batch 1 and 64, float32 and 8 bits, one and two threads.
///
/// Both live in processes of their own, each pinned to a core (their second threads may use any), and take turns:
/// a round asks each for a few hundredths of a second of runs and takes the median; a line shows the medians of the
/// rounds, and the median of their ratios with the quartiles. One thread is timed by its own processor time, so that
/// other programs' turns on the core do not count; two threads by the clock.
struct ModelBenchmark {
  static let verb = BenchmarkVerb(
    name: "models", arguments: "[--model FOLDER]... [--rounds N] [PEER-COMMAND...]",
    summary: "The sample models beside ONNX Runtime, float32 and int8, batch 1 and 64, one and two threads.",
    run: { try run($0) })

  static let samples = ["digits-mlp", "glyphs-lenet", "glyphs-mobile", "adder-transformer"].map {
    "sample-models/\($0)"
  }

  private static let seconds = 0.03
  private static let threadCounts = [1, 2]

  private struct Job {
    let cases: ModelCases
    let form: ModelForm
    let batch: Int
    /// By thread count.
    let subjects: [ModelSubject]
  }

  private let jobs: [Job]
  private let rounds: Int

  /// Plans every model. Threads inherit where they may run: make it before the calling thread is pinned.
  init(folders: [String], rounds: Int, level: CPUFeatureLevel) throws {
    self.rounds = rounds
    jobs = try folders.flatMap { folder in
      let cases = try ModelCases(folder: folder, level: level)
      return try ModelForm.allCases.flatMap { form in
        try [1, 64].map { batch in
          let subjects = try Self.threadCounts.map { try cases.subject(form, batch: batch, threads: $0) }
          return Job(cases: cases, form: form, batch: batch, subjects: subjects)
        }
      }
    }
  }

  private static func run(_ arguments: [String]) throws {
    var rest = arguments[...]
    var folders: [String] = []
    var rounds = 11
    while let option = rest.first, option.hasPrefix("--") {
      rest = rest.dropFirst()
      let value = rest.popFirst() ?? ""
      if option == "--model" { folders.append(value) }
      if option == "--rounds" { rounds = max(3, Int(value) ?? rounds) }
    }
    let level = try CPUFeatureLevel.selected(environment: ProcessInfo.processInfo.environment)
    let benchmark = try ModelBenchmark(
      folders: folders.isEmpty ? samples : folders, rounds: rounds, level: level)
    let peer = try rest.isEmpty ? nil : KernelPeer(command: Array(rest), name: "ONNX Runtime")
    let peaks = BenchmarkTable.begin(level)
    try benchmark.show(peaks, peer: peer)
  }

  /// Prints the lines of all models.
  func show(_ peaks: MeasuredPeaks, peer: KernelPeer?) throws {
    for job in jobs {
      for line in try measure(job, peaks, peer: peer) {
        print(line.text(peer: peer?.name))
        fflush(nil)
      }
    }
  }

  private func measure(_ job: Job, _ peaks: MeasuredPeaks, peer: KernelPeer?) throws -> [ModelLine] {
    let counts = Self.threadCounts
    var figures = [KernelFigures](repeating: KernelFigures(), count: counts.count)
    if let peer {
      for threads in counts {
        _ = try peer.seconds("prepare\t\(job.cases.folder)\t\(job.form.rawValue)\t\(job.batch)\t\(threads)")
      }
    }
    for round in 0...rounds {
      for (index, threads) in counts.enumerated() {
        let theirs = try peer?.seconds("run\t\(threads)\t\(Self.seconds)")
        // Threads of ONNX Runtime's look for work for a while after each run, on the core that ours would take.
        usleep(peer != nil && threads > 1 ? 50_000 : 1000)
        let peak = threads == 1 ? peaks.now(job.form.bound) : 0
        let own = try job.subjects[index].seconds(for: Self.seconds, byProcessorTime: threads == 1)
        // The first round warms up.
        guard round > 0 else { continue }
        figures[index].ours.append(own)
        figures[index].peaks.append(peak)
        if let theirs { figures[index].peer.append(theirs) }
      }
    }
    return counts.indices.map { index in
      ModelLine(
        name: "\(job.cases.name) \(job.form.rawValue), batch \(job.batch)", threads: counts[index],
        figures: figures[index], single: index == 0 ? nil : figures[0],
        work: 2 * Double(job.subjects[index].plan.layers.reduce(0) { $0 + $1.macs }), form: job.form)
    }
  }
}
