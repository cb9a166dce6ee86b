import COpenBLAS
import Foundation
import Kernels

/// Everything beside its peer in one table: kernels, sample models, compression.
struct BenchmarkTable {
  static let verb = BenchmarkVerb(
    name: "table", arguments: "KERNEL-PEER-COMMAND... -- MODEL-PEER-COMMAND...",
    summary:
      "Kernels, models and compression in one table: the peers' times, ours, ratios, shares of the peaks.",
    run: { try run($0) })

  private static func run(_ arguments: [String]) throws {
    let parts = arguments.split(separator: "--", maxSplits: 1).map(Array.init)
    let level = try CPUFeatureLevel.selected(environment: ProcessInfo.processInfo.environment)
    let models = try ModelBenchmark(folders: ModelBenchmark.samples, rounds: 11, level: level)
    let modelPeer = try parts.count > 1 ? KernelPeer(command: parts[1], name: "ONNX Runtime") : nil
    let peaks = begin(level)
    let bench = KernelBench(
      table: .for(level), peer: try parts.first.map { try KernelPeer(command: $0, name: "NumPy, SciPy") })
    try show(KernelBenchmark.families, bench, peaks)
    try models.show(peaks, peer: modelPeer)
    try show(CompressionBenchmark.families, bench, peaks)
  }

  /// Pins the thread, measures the peaks, and prints what stands above the table.
  static func begin(_ level: CPUFeatureLevel) -> MeasuredPeaks {
    let pinned = MachinePeak.pinThread()
    openblas_set_num_threads(1)
    let peaks = MeasuredPeaks(MachinePeak(table: .for(level)))
    print("\(CPUFeatureLevel.processorName), \(level), 1 thread\(pinned ? " pinned to one core" : "")")
    print(peaks.summary)
    print("share: of that peak which bounds the case (F float, I integer, R reading from memory);")
    print("arithmetic peaks are taken again before each reading, since others may share the core\n")
    print(KernelLine.head)
    return peaks
  }

  /// Prints the lines of some families.
  static func show(_ families: [KernelFamily], _ bench: KernelBench, _ peaks: MeasuredPeaks) throws {
    for family in families {
      for make in family.cases(bench) {
        let made = try make()
        print(KernelLine(made, try made.measure(peaks)).text)
        fflush(nil)
      }
    }
  }
}
