import COpenBLAS
import Foundation
import Kernels

/// Each kernel beside what a user would pick instead, and beside what one core of this machine can do at most.
///
/// One thread, pinned; calls of both sides interleaved; medians of the thread's own processor time, so that other
/// programs' turns on the core do not count.
struct KernelBenchmark {
  static let verb = BenchmarkVerb(
    name: "kernels", arguments: "[--only TEXT] [PEER-COMMAND...]",
    summary: "Kernels beside OpenBLAS and NumPy, as shares of the machine's measured peaks.",
    run: { try run($0) })

  /// Every family of cases. Each makes its cases when asked, so that only one holds memory at a time.
  static let families: [KernelFamily] = [
    KernelDenseCases.family,
    KernelIntegerCases.family,
    KernelPackedCases.family,
    KernelSparseCases.family,
    KernelRowCases.family,
    KernelCompressionCases.family,
  ]

  private static func run(_ arguments: [String]) throws {
    var rest = arguments[...]
    var only = ""
    if rest.first == "--only" {
      rest = rest.dropFirst()
      only = rest.popFirst() ?? ""
    }
    let level = try CPUFeatureLevel.selected(environment: ProcessInfo.processInfo.environment)
    let pinned = MachinePeak.pinThread()
    openblas_set_num_threads(1)
    let table = KernelTable.for(level)
    let peak = MeasuredPeaks(MachinePeak(table: table))
    let peer = try rest.isEmpty ? nil : KernelPeer(command: Array(rest))
    print("\(CPUFeatureLevel.processorName), \(level), 1 thread\(pinned ? " pinned to one core" : "")")
    print(peak.summary)
    print("share: of that peak which bounds the case (F float, I integer, R reading from memory)\n")
    print(KernelLine.head)
    for family in families where only.isEmpty || family.name.contains(only) {
      for make in family.cases(KernelBench(table: table, peer: peer)) {
        let made = try make()
        print(KernelLine(made, try made.measure(), peak).text)
        fflush(nil)
      }
    }
  }
}

/// Cases of one kind, made one at a time.
struct KernelFamily: Sendable {
  let name: String
  let cases: @Sendable (KernelBench) -> [() throws -> KernelCase]
}

/// What cases are made from.
struct KernelBench {
  let table: KernelTable
  /// Nil where no peer command was given: cases that need it show their own figure only.
  let peer: KernelPeer?
}
