import Kernels
import Operators

/// A convolution in which each channel has a window of its own, over channels-last floats or bytes.
///
/// Where the kernel would be called for every pixel at an edge (half of all at 7 x 7), a small image is first copied into
/// a frame of zeros.
struct DepthwiseBody: Sendable {
  private enum Form: Sendable {
    case float(DepthwiseConvolution)
    case integer(IntegerDepthwiseConvolution, input: ByteScale, target: ByteScale?)
  }

  private let form: Form
  private let window: ConvolutionWindow
  /// The window over the framed image, where it is framed.
  private let framed: ConvolutionWindow?
  private let epilogue: LayerEpilogue

  /// Framed images beyond this would not stay in a first- or second-level cache beside their outputs.
  private static let frameBytes = 96 << 10

  /// - Parameters:
  ///   - matrix: [channels, window], a row per channel.
  ///   - input: how the data is coded where it comes as bytes; the weights are then codes.
  ///   - target: how the output is coded, if it is written as bytes.
  init(
    _ matrix: LayerMatrix, window: ConvolutionWindow, input: ByteScale?, target: ByteScale?,
    epilogue: LayerEpilogue, table: KernelTable
  ) {
    self.window = window
    self.epilogue = epilogue
    let bytes = input == nil ? 4 : 1
    let frame = window.framed
    let isSmall = frame.height * frame.width * frame.channels * bytes <= DepthwiseBody.frameBytes
    let handlesEdges =
      input == nil
      ? DepthwiseConvolution.handlesEdges(of: window, table: table)
      : IntegerDepthwiseConvolution.handlesEdges(of: window, table: table)
    framed = frame != window && isSmall && !handlesEdges ? frame : nil
    let runs = framed ?? window
    if let input, case .codes(let codes, _, let scales, let zeroPoints) = matrix.form {
      let kernel = codes.withUnsafeBufferPointer {
        IntegerDepthwiseConvolution(
          weights: $0, window: runs, scales: scales, zeroPoints: zeroPoints, table: table)
      }
      form = .integer(kernel, input: input, target: target)
    } else {
      form = .float(
        matrix.floats.withUnsafeBufferPointer {
          DepthwiseConvolution(weights: $0, window: runs, table: table)
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

  private var inputBytes: Int { if case .float = form { 4 } else { 1 } }
  private var outputBytes: Int { if case .integer(_, _, .some) = form { 1 } else { 4 } }
  private var imageBytes: Int { window.height * window.width * window.channels * inputBytes }
  private var resultBytes: Int { window.outputPixels * window.channels * outputBytes }

  /// Input: x [images, H, W, C]. Output: y [images, H', W', C], of which some rows are written.
  func body(images: Int, rows: Range<Int>? = nil) -> OperatorBody {
    let rows = rows ?? 0..<window.outputHeight
    // A vector's room behind the frame: kernels read whole vectors at its end.
    let scratch = framed.map { $0.height * $0.width * $0.channels * inputBytes + 64 } ?? 0
    return OperatorBody(scratchBytes: scratch) { [self] arguments in
      guard let x = arguments.inputs[0], let y = arguments.outputs[0] else { return }
      for image in 0..<images {
        var from = x + image * imageBytes
        if let framed, let scratch = arguments.scratch {
          frame(from, framed, rows: rows, into: scratch)
          from = UnsafeRawPointer(scratch)
        }
        run(from, y + image * resultBytes, rows: rows)
      }
    }
  }

  func slicings(images: Int) -> [Slicing] {
    let samples = Slicing(
      count: images, inputStrides: [imageBytes, 0], outputStrides: [resultBytes], isSamples: true
    ) { body(images: $0.count) }
    guard images == 1 else { return [samples] }
    let rows = Slicing(count: window.outputHeight, inputStrides: [0, 0], outputStrides: [0]) {
      body(images: 1, rows: $0)
    }
    return [samples, rows]
  }

  /// Copies the rows of an image that output rows `rows` see into a frame of zeros.
  private func frame(
    _ image: UnsafeRawPointer, _ framed: ConvolutionWindow, rows: Range<Int>,
    into scratch: UnsafeMutableRawPointer
  ) {
    let pixel = window.channels * inputBytes
    let (left, right) = (window.padLeft * pixel, (framed.width - window.padLeft - window.width) * pixel)
    var zero: UInt8 = 0
    if case .integer(_, let input, _) = form { zero = UInt8(truncatingIfNeeded: input.zeroPoint) }
    let first = rows.lowerBound * window.strideHeight
    let last = min(
      framed.height,
      (rows.upperBound - 1) * window.strideHeight + (window.kernelHeight - 1) * window.dilationHeight + 1)
    for row in first..<max(first, last) {
      let to = scratch + row * framed.width * pixel
      let source = row - window.padTop
      guard source >= 0 && source < window.height else {
        to.initializeMemory(as: UInt8.self, repeating: zero, count: framed.width * pixel)
        continue
      }
      to.initializeMemory(as: UInt8.self, repeating: zero, count: left)
      (to + left).copyMemory(from: image + source * window.width * pixel, byteCount: window.width * pixel)
      (to + left + window.width * pixel).initializeMemory(as: UInt8.self, repeating: zero, count: right)
    }
  }

  private func run(_ x: UnsafeRawPointer, _ y: UnsafeMutableRawPointer, rows: Range<Int>) {
    let bias = epilogue.bias?.start
    switch form {
    case .float(let kernel):
      kernel.run(
        x: x.assumingMemoryBound(to: Float.self), y: y.assumingMemoryBound(to: Float.self),
        outputRows: rows, bias: bias, activation: epilogue.activation)
    case .integer(let kernel, let input, .some(let target)):
      kernel.run(
        x: x.assumingMemoryBound(to: UInt8.self), input: input,
        y: y.assumingMemoryBound(to: UInt8.self), output: target, outputRows: rows, bias: bias,
        activation: epilogue.activation)
    case .integer(let kernel, let input, .none):
      kernel.run(
        x: x.assumingMemoryBound(to: UInt8.self), input: input,
        y: y.assumingMemoryBound(to: Float.self), outputRows: rows, bias: bias,
        activation: epilogue.activation)
    }
  }
}

extension ConvolutionWindow {
  /// The same window over the image with its padding written out.
  fileprivate var framed: ConvolutionWindow {
    ConvolutionWindow(
      height: height + padTop + padBottom, width: width + padLeft + padRight, channels: channels,
      kernel: (kernelHeight, kernelWidth), stride: (strideHeight, strideWidth),
      dilation: (dilationHeight, dilationWidth))
  }
}
