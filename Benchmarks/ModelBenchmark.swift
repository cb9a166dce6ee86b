import TensorCore
import Evaluation
import Execution
import Foundation
import Kernels
import Session

/// The sample models beside ONNX Runtime: batch 1 and 64, float32 and 8 bits, one and two threads.
///
/// Both live in processes of their own, each pinned to a core (their second threads may use any), and take turns:
/// a round asks each for a few hundredths of a second of runs and takes the median; a line shows the median of the
/// rounds' ratios and their quartiles. One thread is timed by its own processor time, so that other programs' turns
/// on the core do not count; two threads by the clock.
struct ModelBenchmark {
  static let verb = BenchmarkVerb(
    name: "models", arguments: "[--model FOLDER]... [--rounds N] [PEER-COMMAND...]",
    summary: "The sample models beside ONNX Runtime, float32 and int8, batch 1 and 64, one and two threads.",
    run: { try run($0) })

  private static let seconds = 0.03

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
    if folders.isEmpty {
      folders = ["digits-mlp", "glyphs-lenet", "glyphs-mobile", "adder-transformer"].map {
        "sample-models/\($0)"
      }
    }
    let level = try CPUFeatureLevel.selected(environment: ProcessInfo.processInfo.environment)
    let peer = try rest.isEmpty ? nil : KernelPeer(command: Array(rest))
    print(
      "\(CPUFeatureLevel.processorName), \(level); microseconds a run, \(rounds) rounds of both in turns\n")
    print(ModelLine.head)
    // Threads inherit where they may run: those of all contexts come before the pinning.
    let jobs = try folders.flatMap { folder in
      let cases = try ModelCases(folder: folder, level: level)
      return try ModelForm.allCases.flatMap { form in
        try [1, 64].map { batch in
          let ours = try threadCounts.map { try cases.subject(form, batch: batch, threads: $0) }
          return (cases: cases, form: form, batch: batch, ours: ours)
        }
      }
    }
    _ = MachinePeak.pinThread()
    for job in jobs {
      let measured = try measure(
        job.cases, job.form, batch: job.batch, ours: job.ours, rounds: rounds, peer: peer)
      for line in measured { print(line.text) }
    }
  }

  private static let threadCounts = [1, 2]

  private static func measure(
    _ cases: ModelCases, _ form: ModelForm, batch: Int, ours: [ModelSubject], rounds: Int, peer: KernelPeer?
  ) throws -> [ModelLine] {
    var times = [[(ours: Double, peer: Double)]](repeating: [], count: threadCounts.count)
    if let peer {
      for threads in threadCounts {
        _ = try peer.seconds("prepare\t\(cases.folder)\t\(form.rawValue)\t\(batch)\t\(threads)")
      }
    }
    for round in 0...rounds {
      for (index, threads) in threadCounts.enumerated() {
        let theirs = try peer.map { try $0.seconds("run\t\(threads)\t\(seconds)") } ?? 0
        usleep(1000)
        let own = try ours[index].seconds(for: seconds, byProcessorTime: threads == 1)
        // The first round warms up.
        if round > 0 { times[index].append((own, theirs)) }
      }
    }
    let single = Statistics.median(times[0].map(\.ours)) ?? 0
    let peerSingle = Statistics.median(times[0].map(\.peer)) ?? 0
    return threadCounts.indices.map { index in
      ModelLine(
        model: cases.name, form: form, batch: batch, threads: threadCounts[index], times: times[index],
        overOne: threadCounts[index] == 1
          ? nil
          : (
            ours: single / (Statistics.median(times[index].map(\.ours)) ?? 1),
            peer: peerSingle / max(1e-12, Statistics.median(times[index].map(\.peer)) ?? 1)
          ))
    }
  }
}
