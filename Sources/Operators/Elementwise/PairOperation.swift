import GraphIR
import Kernels

/// Arithmetic on two operands of one type.
enum PairOperation: Sendable {
  case add, sub, mul, div, max, min, pow, truncatedRemainder, flooredRemainder
  /// x where x >= 0, else slope * x.
  case prelu
  /// Of integers; floating point is left as it is.
  case shiftLeft, shiftRight
}

/// A float32 kernel over rows: rows, row length, a, step of a, b, step of b, output.
typealias PairKernel =
  @convention(c) (
    Int, Int, UnsafePointer<Float>, Int, UnsafePointer<Float>, Int, UnsafeMutablePointer<Float>
  ) -> Void

/// The three forms of a two-operand kernel: row with row, row with one value, one value with row.
struct PairKernels: @unchecked Sendable {  // Only addresses of functions.
  let rows: PairKernel
  let value: PairKernel
  let valueFirst: PairKernel

  /// nil where the operation has no kernel.
  init?(_ operation: PairOperation, _ table: VectorTable) {
    let kernels = table.kernels.pointee
    switch operation {
    case .add: (rows, value, valueFirst) = (kernels.f32_add_vv, kernels.f32_add_vs, kernels.f32_add_sv)
    case .sub: (rows, value, valueFirst) = (kernels.f32_sub_vv, kernels.f32_sub_vs, kernels.f32_sub_sv)
    case .mul: (rows, value, valueFirst) = (kernels.f32_mul_vv, kernels.f32_mul_vs, kernels.f32_mul_sv)
    case .div: (rows, value, valueFirst) = (kernels.f32_div_vv, kernels.f32_div_vs, kernels.f32_div_sv)
    case .max: (rows, value, valueFirst) = (kernels.f32_max_vv, kernels.f32_max_vs, kernels.f32_max_sv)
    case .min: (rows, value, valueFirst) = (kernels.f32_min_vv, kernels.f32_min_vs, kernels.f32_min_sv)
    case .pow, .truncatedRemainder, .flooredRemainder, .prelu, .shiftLeft, .shiftRight: return nil
    }
  }

  /// Runs over a nest whose result is dense.
  func run(
    _ nest: LoopNest, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ out: UnsafeMutablePointer<Float>
  ) {
    let count = nest.rowCount
    let inner = nest.rowStrides
    // A row whose operands both repeat is a single value: the nest's only loop.
    let kernel = inner[0] == 0 && count > 1 ? valueFirst : inner[1] == 0 && count > 1 ? value : rows
    nest.forEachBlock { offsets, rowCount, steps in
      kernel(rowCount, count, a + offsets[0], steps[0], b + offsets[1], steps[1], out + offsets[3])
    }
  }
}
