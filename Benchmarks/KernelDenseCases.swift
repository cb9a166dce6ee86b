import COpenBLAS
import Kernels

/// Dense float products beside OpenBLAS.
enum KernelDenseCases {
  static let family = KernelFamily(name: "dense") { bench in
    [(1024, 1024, 1024), (64, 1024, 1024), (16, 1024, 1024), (196, 64, 576), (1, 1024, 1024)].map { shape in
      { gemm(bench, rows: shape.0, outputs: shape.1, inputs: shape.2) }
    }
  }

  static func gemm(_ bench: KernelBench, rows: Int, outputs: Int, inputs: Int) -> KernelCase {
    let x = KernelData.floats(rows * inputs, seed: 1)
    let w = KernelData.floats(outputs * inputs, seed: 2)
    let y = KernelData.floats(rows * outputs, seed: 3)
    let matrix = DenseMatrix(
      weights: UnsafeBufferPointer(w.buffer), outputs: outputs, inputs: inputs, table: bench.table)
    let scratch = KernelData.floats(matrix.scratchBytes(rows: rows) / 4 + 16, seed: 4)
    return KernelCase(
      name: "GEMM \(rows)x\(outputs)x\(inputs) f32",
      peer: .call("OpenBLAS", { blas(rows, outputs, inputs, x.start, w.start, y.start) }),
      work: 2 * Double(rows) * Double(outputs) * Double(inputs), bound: .floats,
      ours: {
        matrix.multiply(
          rows: rows, x: x.start, ldx: inputs, y: y.start, ldy: outputs, epilogue: Epilogue(),
          scratch: scratch.start)
      })
  }

  /// y[rows, outputs] = x · wᵀ by OpenBLAS, which counts by columns: its A is w, its B is x.
  static func blas(
    _ rows: Int, _ outputs: Int, _ inputs: Int, _ x: UnsafePointer<Float>, _ w: UnsafePointer<Float>,
    _ y: UnsafeMutablePointer<Float>
  ) {
    var (m, n, k) = (Int32(outputs), Int32(rows), Int32(inputs))
    var (one, zero): (Float, Float) = (1, 0)
    var step: Int32 = 1
    if rows == 1 {
      sgemv_("T", &k, &m, &one, w, &k, x, &step, &zero, y, &step)
    } else {
      sgemm_("T", "N", &m, &n, &k, &one, w, &k, x, &k, &zero, y, &m)
    }
  }
}
