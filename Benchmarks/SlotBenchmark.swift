import Foundation
import KernelCases
import Kernels

/// Every kernel of the lists on one problem of its slot, beside the kernel that it takes the place of.
///
/// A level is worth having where its kernels win here. Problems lie in the first caches, so that kernels are compared and not
/// memory.
struct SlotBenchmark {
  static let verb = BenchmarkVerb(
    name: "slots", arguments: "[--only TEXT]",
    summary: "Every kernel of the lists beside the one of the level below.", run: { try run($0) })

  private static func run(_ arguments: [String]) throws {
    let only = arguments.first == "--only" ? arguments.dropFirst().first ?? "" : ""
    let level = try CPUFeatureLevel.selected(environment: ProcessInfo.processInfo.environment)
    _ = MachinePeak.pinThread()
    let tables = CPUFeatureLevel.available.filter { $0 <= level }.map { KernelTable.for($0) }
    print(row("kernel", "problem", "ns", "rate", "beside", "ratio", "IQR"))
    for item in SlotCases.all where only.isEmpty || item.slot.contains(only) {
      if let reason = item.untimed {
        print("\(item.slot): not timed, \(reason)")
        continue
      }
      var below: (name: String, trial: Trial)?
      for table in tables {
        guard let name = item.kernel(table), name != below?.name else { continue }
        var source = ProblemSource.timed
        guard let trial = item.make(table, &source) else { continue }
        show(name, trial, beside: below)
        below = (name, trial)
      }
    }
  }

  /// Both kernels in turn; a call's share of the work may differ, so rates are compared.
  private static func show(_ name: String, _ trial: Trial, beside below: (name: String, trial: Trial)?) {
    let calls = KernelClock.calls(for: 0.001, trial.run)
    let belowCalls = below.map { KernelClock.calls(for: 0.001, $0.trial.run) }
    var (own, ratios): ([Double], [Double]) = ([], [])
    for _ in 0..<40 {
      own.append(KernelClock.seconds(calls, trial.run))
      guard let below, let belowCalls, let last = own.last else { continue }
      let rate = below.trial.work.amount / KernelClock.seconds(belowCalls, below.trial.run)
      ratios.append(trial.work.amount / last / rate)
    }
    guard let time = Quartiles(own)?.median else { return }
    let ratio = Quartiles(ratios)
    print(
      row(
        name, trial.label, String(format: "%.0f", time * 1e9),
        String(format: "%.1f %@", trial.work.amount / time * 1e-9, trial.work.unit), below?.name ?? "-",
        ratio.map { String(format: "%.2fx", $0.median) } ?? "-",
        ratio.map { String(format: "%.2f-%.2f", $0.low, $0.high) } ?? "-"))
  }

  private static func row(_ cells: String...) -> String {
    zip(cells, [34, 44, 9, 14, 34, 8, 10]).map { cell, width in
      cell.padding(toLength: max(width, cell.count + 1), withPad: " ", startingAt: 0)
    }.joined()
  }
}

extension Work {
  /// Operations or bytes of a run.
  var amount: Double {
    switch self {
    case .floats(let amount), .integers(let amount), .bytes(let amount): amount
    }
  }

  /// What a thousand million of them a second are called.
  var unit: String {
    switch self {
    case .floats: "GFLOP/s"
    case .integers: "GOP/s"
    case .bytes: "GB/s"
    }
  }
}
