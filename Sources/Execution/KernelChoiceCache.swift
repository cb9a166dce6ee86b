import Kernels
import Synchronization

/// Measured decisions between kernels, shared by all plans that are given the same cache. Safe to use from several threads.
package final class KernelChoiceCache: Sendable {
  /// What a decision depends on: the layer's shape, form and work, not the values of its weights.
  package struct Key: Hashable, Sendable {
    let layer: String
    let form: String
    let outputs: Int
    let depth: Int
    let rows: Int
    /// Share of nonzero weights in steps of half a percent.
    let density: Int
    let level: CPUFeatureLevel
  }

  /// Nanoseconds of every candidate.
  package struct Choice: Sendable, Hashable {
    let times: [MatrixForm: Double]

    /// The fastest; the dense one where they are alike.
    var best: MatrixForm {
      times.min { ($0.value, $0.key.rawValue) < ($1.value, $1.key.rawValue) }?.key ?? .dense
    }
  }

  private let choices = Mutex<[Key: Choice]>([:])

  package init() {}

  package var count: Int { choices.withLock { $0.count } }

  /// The remembered choice, or the one `measure` makes now. Two threads may measure the same key at once; the first to finish wins.
  func choice(for key: Key, measure: () -> Choice) -> Choice {
    if let known = choices.withLock({ $0[key] }) { return known }
    let measured = measure()
    return choices.withLock { choices in
      if let known = choices[key] { return known }
      choices[key] = measured
      return measured
    }
  }
}
