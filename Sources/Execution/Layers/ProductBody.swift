import Kernels
import Operators

/// Rows of floats or bytes times a weight matrix.
struct ProductBody {
  let kernel: LayerKernel
  let epilogue: LayerEpilogue
  let rows: Int
  let depth: Int
  let outputs: Int

  /// Inputs: x [rows, depth], and the residual [rows, outputs] or nil. Output: y [rows, outputs].
  var body: OperatorBody {
    OperatorBody(scratchBytes: kernel.scratchBytes(rows: rows)) { [self] arguments in
      guard let x = arguments.inputs[0], let y = arguments.outputs[0], let scratch = arguments.scratch else {
        return
      }
      kernel.multiply(
        rows: rows, x: x, ldx: depth, y: y, ldy: outputs,
        epilogue: epilogue.epilogue(first: 0, residual: arguments.inputs[1], ldr: outputs), scratch: scratch)
    }
  }
}
