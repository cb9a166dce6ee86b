import CKernels

/// The vector kernels of one feature level: elementwise, row-wise, pooling, layout and conversion kernels.
///
/// `kernels.pointee` has one member per kernel; `CKernels/include/ck_vector.h` says what each computes, over which
/// shapes, and what it does with NaN. Every level has all of them.
package struct VectorTable: @unchecked Sendable {  // Only the address of a constant table.
  package let kernels: UnsafePointer<ck_vector_table>

  /// The kernels for `level`, which the machine must have.
  package static func `for`(_ level: CPUFeatureLevel) -> VectorTable {
    VectorTable(kernels: ck_vector_table_for(level.rawValue))
  }

  /// Every vector kernel of the list, one name for all levels.
  package static var names: [String] { KernelDescription.names(ck_vector_kernels) }
}

extension KernelTable {
  /// The vector kernels of the same feature level.
  package var vector: VectorTable { VectorTable.for(level) }
}
