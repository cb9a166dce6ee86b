import CKernels
import Kernels

extension SlotCase {
  /// A case of a matrix kernel. `info` reads what a table knows of the slot's kernel.
  init(
    slot: String, untimed: String? = nil, info: @escaping @Sendable (ck_matrix_table) -> ck_kernel_info,
    make: @escaping @Sendable (ck_matrix_table, ck_kernel_info, inout ProblemSource) -> Trial
  ) {
    self.slot = slot
    self.untimed = untimed
    // An empty slot's info has no name to read.
    kernel = { $0.kernel(in: slot) == nil ? nil : String(cString: info($0.matrix).name) }
    self.make = { table, source in
      table.kernel(in: slot) == nil ? nil : make(table.matrix, info(table.matrix), &source)
    }
  }
}
