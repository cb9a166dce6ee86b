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
  ]

  private static func run(_ arguments: [String]) throws {
    var rest = arguments[...]
    var only = ""
    if rest.first == "--only" {
      rest = rest.dropFirst()
      only = rest.popFirst() ?? ""
    }
    let level = try CPUFeatureLevel.selected(environment: ProcessInfo.processInfo.environment)
    let peer = try rest.isEmpty ? nil : KernelPeer(command: Array(rest), name: "NumPy")
    let peaks = BenchmarkTable.begin(level)
    try BenchmarkTable.show(
      families.filter { only.isEmpty || $0.name.contains(only) },
      KernelBench(table: .for(level), peer: peer), peaks)
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
