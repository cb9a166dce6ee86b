import CKernels

/// The micro-kernels of one feature level: a value, built by a pure function and passed along.
///
/// Each level overlays slots of the lower ones; `CKernels/include/ck_matrix.h` holds the list.
package struct KernelTable: @unchecked Sendable, CustomStringConvertible {
  // Unchecked: only addresses of functions and of constant names.

  /// The feature level asked for; a slot may hold a kernel of a lower one.
  package let level: CPUFeatureLevel
  let matrix: ck_matrix_table

  private init(level: CPUFeatureLevel) {
    self.level = level
    matrix = ck_matrix_table_for(level.rawValue)
  }

  package var description: String { "kernels for \(level)" }

  /// The kernels for `level`, which the machine must have.
  package static func `for`(_ level: CPUFeatureLevel) -> KernelTable { KernelTable(level: level) }
}

/// A kernel that was compiled in, whether or not this machine can run it.
package struct KernelDescription: Equatable, Sendable {
  /// Its name, by the grammar in `ck_matrix.h`, such as "f32_gemm_6x16_avx2".
  package let name: String
  package let level: CPUFeatureLevel

  /// Every matrix kernel, portable ones first.
  package static var all: [KernelDescription] {
    var count: Int32 = 0
    let kernels = ck_matrix_kernels(&count)
    return (0..<Int(count)).map { i in
      KernelDescription(
        name: String(cString: kernels[i].name),
        level: CPUFeatureLevel(rawValue: kernels[i].level) ?? .portable)
    }
  }
}
