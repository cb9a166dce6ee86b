import CKernels

/// The micro-kernels of one feature level: a value, built by a pure function and passed along.
///
/// Each level overlays slots of the lower ones; `CKernels/include/ck_matrix.h` says how the list is made up.
package struct KernelTable: @unchecked Sendable, CustomStringConvertible {
  // Unchecked: only addresses of functions and of constant names.

  /// The feature level asked for; a slot may hold a kernel of a lower one.
  package let level: CPUFeatureLevel
  /// A kernel and what is known of it for each slot; nil where an optional slot is empty.
  package let matrix: ck_matrix_table

  private init(level: CPUFeatureLevel) {
    self.level = level
    matrix = ck_matrix_table_for(level.rawValue)
  }

  package var description: String { "kernels for \(level)" }

  /// The kernel that serves `slot` here, by the list; nil where the slot is empty or none.
  package func kernel(in slot: String) -> KernelDescription? {
    KernelDescription.all.last { $0.slot == slot && $0.level <= level }
  }

  /// The kernels for `level`, which the machine must have.
  package static func `for`(_ level: CPUFeatureLevel) -> KernelTable { KernelTable(level: level) }
}

/// A kernel that was compiled in, whether or not this machine can run it.
package struct KernelDescription: Hashable, Sendable {
  /// Its name, by the grammar in `ck_matrix.h`, such as "f32_gemm_6x16_avx2".
  package let name: String
  /// What it does: kernels of one slot take the same operands and give the same results.
  package let slot: String
  package let level: CPUFeatureLevel
  /// Most rows of x in one call; 0 where a kernel takes none.
  package let rows: Int
  /// Most panels of 16 outputs in one call, likewise.
  package let panels: Int

  /// Every matrix kernel of the list, by slot families, lower levels of a family first.
  package static var all: [KernelDescription] {
    var count: Int32 = 0
    let kernels = ck_matrix_kernels(&count)
    return (0..<Int(count)).map { i in KernelDescription(kernels[i]) }
  }

  /// Every slot of the list.
  package static var slots: [String] { names(ck_matrix_slots) }

  init(_ info: ck_kernel_info) {
    name = String(cString: info.name)
    slot = String(cString: info.slot)
    level = CPUFeatureLevel(rawValue: info.level) ?? .portable
    rows = Int(info.rows)
    panels = Int(info.panels)
  }

  /// The names that a function of the lists gives.
  static func names(
    _ list: (UnsafeMutablePointer<Int32>) -> UnsafePointer<UnsafePointer<CChar>>
  ) -> [String] {
    var count: Int32 = 0
    let names = list(&count)
    return (0..<Int(count)).map { String(cString: names[$0]) }
  }
}
