import Kernels

/// One slot of the kernel lists: problems for its kernels, with what a plain scalar reference makes of them.
///
/// Tests run many small problems at every feature level, benchmarks one large one; both come from the same few lines, and
/// tests hold `SlotCases.all` against the lists, so that no kernel goes without either.
package struct SlotCase: Sendable {
  /// Its name in `ck_matrix.h` or `ck_vector.h`.
  package let slot: String
  /// Why benchmarks leave it out, where they do.
  package let untimed: String?
  /// The name of the kernel that a table has in the slot; nil where it has none.
  package let kernel: @Sendable (KernelTable) -> String?
  /// A problem for that kernel; nil where there is none.
  package let make: @Sendable (KernelTable, inout ProblemSource) -> Trial?
}

/// A problem ready to run.
package struct Trial {
  /// Its shape, for failures and tables.
  package let label: String
  /// The work of one run, and what bounds it.
  package let work: Work
  package let run: () -> Void
  /// After one run: the largest error as a share of what is allowed; infinite where something else was written.
  package let error: () -> Double
}

/// What a kernel's time is counted in.
package enum Work: Sendable {
  /// Multiplications and additions of floats.
  case floats(Double)
  /// Multiplications and additions of whole numbers.
  case integers(Double)
  /// Bytes read and written.
  case bytes(Double)
}
