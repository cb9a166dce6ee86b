import Kernels
import Operators

/// Rows of floats or bytes times a weight matrix.
struct ProductBody: Sendable {
  let kernel: LayerKernel
  let epilogue: LayerEpilogue
  /// Outputs of the whole layer, of which `kernel` may compute a part.
  let outputs: Int
  /// The first one that `kernel` computes.
  var firstOutput = 0
  let depth: Int
  /// Whether scale and zero point of x's codes are inputs too, since only a run can tell them.
  var isMeasured = false

  /// Strides of those inputs: every piece is given the start.
  private var measuredStrides: [Int] { isMeasured ? [0, 0] : [] }

  /// Inputs: x [rows, depth], the residual [rows, outputs] or nil, and where measured the scale and zero point of x.
  /// Output: y [rows, outputs].
  func body(rows: Int) -> OperatorBody {
    OperatorBody(scratchBytes: kernel.scratchBytes(rows: rows)) { [self] arguments in
      guard let x = arguments.inputs[0], let y = arguments.outputs[0], let scratch = arguments.scratch else {
        return
      }
      var kernel = kernel
      if isMeasured, let scale = arguments.inputs[2], let zero = arguments.inputs[3] {
        kernel = kernel.reading(
          ByteScale(
            scale: scale.assumingMemoryBound(to: Float.self).pointee,
            zeroPoint: Int32(zero.assumingMemoryBound(to: UInt8.self).pointee)))
      }
      kernel.multiply(
        rows: rows, x: x, ldx: depth, y: y, ldy: outputs,
        epilogue: epilogue.epilogue(first: firstOutput, residual: arguments.inputs[1], ldr: outputs),
        scratch: scratch)
    }
  }

  /// By rows, at whole tiles of every kernel.
  func rowSlicing(rows: Int) -> Slicing {
    Slicing(
      count: rows, unit: kernel.rowUnit, minimum: 24,
      inputStrides: [depth * kernel.inputBytes, outputs * 4] + measuredStrides,
      outputStrides: [outputs * kernel.outputBytes]
    ) { body(rows: $0.count) }
  }

  /// By samples of `rows / samples` rows each.
  func sampleSlicing(rows: Int, samples: Int) -> Slicing {
    let each = rows / samples
    return Slicing(
      count: samples, inputStrides: [each * depth * kernel.inputBytes, each * outputs * 4],
      outputStrides: [each * outputs * kernel.outputBytes], isSamples: true, isExact: false
    ) { body(rows: $0.count * each) }
  }

  /// By outputs: each piece multiplies by some rows of the weight matrix.
  /// - Parameter make: the kernel for a range of outputs, in the form the whole has.
  func outputSlicing(rows: Int, make: @escaping @Sendable (Range<Int>) -> LayerKernel) -> Slicing {
    Slicing(
      count: outputs, unit: 32, minimum: 32, inputStrides: [0, 4] + measuredStrides,
      outputStrides: [kernel.outputBytes],
      overhead: 0.05
    ) { range in
      ProductBody(
        kernel: make(range), epilogue: epilogue, outputs: outputs, firstOutput: range.lowerBound,
        depth: depth,
        isMeasured: isMeasured
      ).body(rows: rows)
    }
  }
}
