import CKernels

/// The micro-kernel that runs: its tile, and the feature level it is written for, which may be below the machine's.
package struct KernelCode: Hashable, Sendable {
  /// What one call computes at most.
  package struct Tile: Hashable, Sendable {
    package let rows: Int
    package let outputs: Int

    package init(rows: Int, outputs: Int) {
      self.rows = rows
      self.outputs = outputs
    }
  }

  /// Nil where the kernel's name gives none.
  package let tile: Tile?
  package let level: CPUFeatureLevel

  init(level: CPUFeatureLevel) {
    tile = nil
    self.level = level
  }

  /// The tile stands in the kernel's name by the grammar of `ck_matrix.h`, such as "f32_gemm_6x16_avx2".
  init(_ info: ck_kernel_info) {
    let sizes = String(cString: info.name).split(separator: "_").lazy.map { part in
      part.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
    }
    tile = sizes.first { $0.count == 2 && !$0.contains(nil) }.map {
      Tile(rows: $0[0] ?? 0, outputs: $0[1] ?? 0)
    }
    level = CPUFeatureLevel(rawValue: info.level) ?? .portable
  }
}
