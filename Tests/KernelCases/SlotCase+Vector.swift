import CKernels
import Kernels

extension SlotCase {
  /// A case of a vector kernel, of which every level has one.
  init(vector slot: String, make: @escaping @Sendable (ck_vector_table, inout ProblemSource) -> Trial) {
    self.slot = slot
    untimed = nil
    kernel = { "\(slot)_\($0.level.name)" }
    self.make = { table, source in make(table.vector.kernels.pointee, &source) }
  }
}

/// The largest error of `found` beside `exact`, each as a share of what `allowed` says of it.
func error(
  _ found: Memory<Float>, allowed: (Double) -> Double, _ exact: (Int) -> Double
) -> Double {
  (0..<found.count).reduce(found.isIntact ? 0 : .infinity) { worst, i in
    let exact = exact(i)
    return max(worst, share(found[i], exact, allowed: allowed(exact)))
  }
}

/// Zero where `found` is `exact` everywhere, else infinite.
func mismatch<Element: Equatable & BitwiseCopyable>(_ found: Memory<Element>, _ exact: (Int) -> Element)
  -> Double
{
  found.isIntact && (0..<found.count).allSatisfy { found[$0] == exact($0) } ? 0 : .infinity
}
