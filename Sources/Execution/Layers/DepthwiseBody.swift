import Kernels
import Operators

/// A convolution in which each channel has a window of its own, over channels-last floats or bytes.
struct DepthwiseBody {
  private enum Form: Sendable {
    case float(DepthwiseConvolution)
    case integer(IntegerDepthwiseConvolution, input: ByteScale, target: ByteScale?)
  }

  private let form: Form
  private let window: ConvolutionWindow
  private let images: Int
  private let epilogue: LayerEpilogue

  /// - Parameters:
  ///   - matrix: [channels, window], a row per channel.
  ///   - input: how the data is coded where it comes as bytes; the weights are then codes.
  ///   - target: how the output is coded, if it is written as bytes.
  init(
    _ matrix: LayerMatrix, window: ConvolutionWindow, images: Int, input: ByteScale?, target: ByteScale?,
    epilogue: LayerEpilogue, table: KernelTable
  ) {
    self.window = window
    self.images = images
    self.epilogue = epilogue
    if let input, case .codes(let codes, _, let scales, let zeroPoints) = matrix.form {
      let kernel = codes.withUnsafeBufferPointer {
        IntegerDepthwiseConvolution(
          weights: $0, window: window, scales: scales, zeroPoints: zeroPoints, table: table)
      }
      form = .integer(kernel, input: input, target: target)
    } else {
      form = .float(
        matrix.floats.withUnsafeBufferPointer {
          DepthwiseConvolution(weights: $0, window: window, table: table)
        })
    }
  }

  var name: String {
    switch form {
    case .float(let kernel): kernel.name
    case .integer(let kernel, _, _): kernel.name
    }
  }

  /// Input: x [N, H, W, C]. Output: y [N, H', W', C].
  var body: OperatorBody {
    OperatorBody { [self] arguments in
      guard let x = arguments.inputs[0], let y = arguments.outputs[0] else { return }
      let inputCount = window.height * window.width * window.channels
      let outputCount = window.outputPixels * window.channels
      for image in 0..<images {
        run(x, inputCount * image, y, outputCount * image)
      }
    }
  }

  private func run(_ x: UnsafeRawPointer, _ from: Int, _ y: UnsafeMutableRawPointer, _ to: Int) {
    let rows = 0..<window.outputHeight
    let bias = epilogue.bias?.start
    switch form {
    case .float(let kernel):
      kernel.run(
        x: x.assumingMemoryBound(to: Float.self) + from, y: y.assumingMemoryBound(to: Float.self) + to,
        outputRows: rows, bias: bias, activation: epilogue.activation)
    case .integer(let kernel, let input, .some(let target)):
      kernel.run(
        x: x.assumingMemoryBound(to: UInt8.self) + from, input: input,
        y: y.assumingMemoryBound(to: UInt8.self) + to, output: target, outputRows: rows, bias: bias,
        activation: epilogue.activation)
    case .integer(let kernel, let input, .none):
      kernel.run(
        x: x.assumingMemoryBound(to: UInt8.self) + from, input: input,
        y: y.assumingMemoryBound(to: Float.self) + to, outputRows: rows, bias: bias,
        activation: epilogue.activation)
    }
  }
}
