import Kernels
import Operators

/// A convolution straight from channels-last images of floats or bytes.
struct DirectBody: Sendable {
  private enum Form: Sendable {
    case float(DirectConvolution)
    case integer(IntegerDirectConvolution, input: ByteScale, target: ByteScale?)
  }

  private let form: Form
  private let window: ConvolutionWindow
  private let outputs: Int
  private let epilogue: LayerEpilogue

  /// - Parameters:
  ///   - matrix: [outputs, patch]; holds codes where the data comes as bytes.
  ///   - input, target: how data and output are coded, where they are bytes.
  init(
    _ matrix: LayerMatrix, window: ConvolutionWindow, input: ByteScale?, target: ByteScale?,
    epilogue: LayerEpilogue, table: KernelTable
  ) {
    self.window = window
    self.epilogue = epilogue
    outputs = matrix.outputs
    if let input, case .codes(let codes, _, let scales, let zeroPoints) = matrix.form {
      let kernel = codes.withUnsafeBufferPointer {
        IntegerDirectConvolution(
          weights: $0, outputs: matrix.outputs, scales: scales, zeroPoints: zeroPoints, window: window,
          table: table)
      }
      form = .integer(kernel, input: input, target: target)
    } else {
      form = .float(
        matrix.floats.withUnsafeBufferPointer {
          DirectConvolution(weights: $0, outputs: matrix.outputs, window: window, table: table)
        })
    }
  }

  var identity: KernelIdentity {
    switch form {
    case .float(let kernel): kernel.identity
    case .integer(let kernel, _, _): kernel.identity
    }
  }

  /// Bytes that one run reads of the weights.
  var weightBytes: Int {
    switch form {
    case .float(let kernel): kernel.packedBytes
    case .integer(let kernel, _, _): kernel.packedBytes
    }
  }

  private var imageBytes: Int {
    let bytes = if case .float = form { 4 } else { 1 }
    return window.height * window.width * window.channels * bytes
  }
  private var resultElements: Int { window.outputPixels * outputs }
  private var resultBytes: Int {
    if case .integer(_, _, .some) = form { resultElements } else { resultElements * 4 }
  }
  private var scratchBytes: Int {
    switch form {
    case .float(let kernel): kernel.scratchBytes
    case .integer(let kernel, _, _): kernel.scratchBytes
    }
  }

  /// Inputs: x [images, H, W, C], and the residual or nil. Output: y [images, H', W', outputs], of which some rows are
  /// written.
  func body(images: Int, rows: Range<Int>? = nil) -> OperatorBody {
    let rows = rows ?? 0..<window.outputHeight
    return OperatorBody(scratchBytes: scratchBytes) { [self] arguments in
      guard let x = arguments.inputs[0], let y = arguments.outputs[0], let scratch = arguments.scratch else {
        return
      }
      for image in 0..<images {
        let residual = arguments.inputs[1].map { $0 + image * resultElements * 4 }
        let finish = epilogue.epilogue(first: 0, residual: residual, ldr: outputs)
        let (from, to) = (x + image * imageBytes, y + image * resultBytes)
        switch form {
        case .float(let kernel):
          kernel.run(
            x: from.assumingMemoryBound(to: Float.self), y: to.assumingMemoryBound(to: Float.self),
            outputRows: rows, epilogue: finish, scratch: scratch)
        case .integer(let kernel, let input, let target):
          kernel.run(
            x: from.assumingMemoryBound(to: UInt8.self), input: input, y: to, output: target,
            outputRows: rows, epilogue: finish, scratch: scratch)
        }
      }
    }
  }

  func slicings(images: Int) -> [Slicing] {
    let samples = Slicing(
      count: images, inputStrides: [imageBytes, resultElements * 4], outputStrides: [resultBytes],
      isSamples: true
    ) { body(images: $0.count) }
    guard images == 1 else { return [samples] }
    let rows = Slicing(count: window.outputHeight, inputStrides: [0, 0], outputStrides: [0]) {
      body(images: 1, rows: $0)
    }
    return [samples, rows]
  }
}
