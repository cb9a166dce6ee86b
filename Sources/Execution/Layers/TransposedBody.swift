import Kernels
import Operators

/// A transposed convolution over channels-last images.
struct TransposedBody: Sendable {
  let kernel: TransposedConvolution

  private var window: TransposedWindow { kernel.window }
  private var imageFloats: Int { window.rows.input * window.columns.input * window.channels }
  private var resultFloats: Int { window.rows.output * window.columns.output * window.outputs }

  /// Input: x [images, H, W, C]. Output: y [images, H', W', outputs], of which some rows are written.
  func body(images: Int, rows: Range<Int>? = nil) -> OperatorBody {
    let rows = rows ?? 0..<window.rows.output
    return OperatorBody(scratchBytes: kernel.scratchBytes) { [self] arguments in
      guard let x = arguments.inputs[0]?.assumingMemoryBound(to: Float.self),
        let y = arguments.outputs[0]?.assumingMemoryBound(to: Float.self), let scratch = arguments.scratch
      else { return }
      for image in 0..<images {
        kernel.run(
          x: x + image * imageFloats, y: y + image * resultFloats, outputRows: rows, scratch: scratch)
      }
    }
  }

  func slicings(images: Int) -> [Slicing] {
    let samples = Slicing(
      count: images, inputStrides: [imageFloats * 4], outputStrides: [resultFloats * 4], isSamples: true
    ) { body(images: $0.count) }
    guard images == 1 else { return [samples] }
    let rows = Slicing(
      count: window.rows.output, inputStrides: [0], outputStrides: [0], overhead: kernel.overlap
    ) { body(images: 1, rows: $0) }
    return [samples, rows]
  }
}
