import Kernels
import Testing

/// Bytes that integer kernels write are those that dividing by the scale gives, also where a product with its inverse
/// would round to another.
@Suite struct RequantizationTests {
  @Test(arguments: levels) func roundsAsDivisionDoes(_ level: CPUFeatureLevel) {
    var random = Seeded(301)
    let scales: [Float] = [0.1, 0.02, 1 / 3, 0.5, 1, 1.0e-3, 7.77, 1.0e-30, 1.0e-36, 1.0e35]
    for scale in scales {
      let zero = Int32.random(in: 0...255, using: &random)
      // Halves between two bytes, their neighbours, and what has no byte.
      var values: [Float] = [.nan, .infinity, -.infinity, 1e38, -1e38, 0, -0.0]
      for step in -300...300 {
        let half = (Float(step) + 0.5) * scale
        values += [half.nextDown, half, half.nextUp]
      }
      let expected = values.map { value -> UInt8 in
        let quotient = (value / scale).rounded(.toNearestOrEven) + Float(zero)
        return quotient.isNaN ? UInt8(zero) : UInt8(min(max(quotient, 0), 255))
      }
      #expect(matrix(values, scale, zero, level) == expected, "scale \(scale)")
      #expect(depthwise(values, scale, zero, level) == expected, "scale \(scale)")
    }
  }

  /// The values as biases of a product with nothing.
  private func matrix(_ values: [Float], _ scale: Float, _ zero: Int32, _ level: CPUFeatureLevel) -> [UInt8] {
    let kernel = [Int8](repeating: 1, count: values.count).withUnsafeBufferPointer {
      IntegerMatrix(weights: $0, outputs: values.count, inputs: 1, scales: [1], table: .for(level))
    }
    let scratch = Scratch(kernel.scratchBytes(rows: 1))
    var bytes = [UInt8](repeating: 0, count: values.count)
    values.withUnsafeBufferPointer { bias in
      kernel.multiply(
        rows: 1, x: [9], ldx: 1, input: ByteScale(scale: 1, zeroPoint: 9), y: &bytes, ldy: values.count,
        output: ByteScale(scale: scale, zeroPoint: zero), epilogue: Epilogue(bias: bias.baseAddress),
        scratch: scratch.start)
    }
    return bytes
  }

  /// The same of a depthwise convolution, three columns wide.
  private func depthwise(_ values: [Float], _ scale: Float, _ zero: Int32, _ level: CPUFeatureLevel)
    -> [UInt8]
  {
    let channels = (values.count + 7) / 8 * 8
    let window = ConvolutionWindow(
      height: 1, width: 1, channels: channels, kernel: (3, 3), pads: (1, 1, 1, 1))
    let kernel = [Int8](repeating: 1, count: window.patchSize).withUnsafeBufferPointer {
      IntegerDepthwiseConvolution(weights: $0, window: window, scales: [1], table: .for(level))
    }
    var bytes = [UInt8](repeating: 0, count: channels)
    kernel.run(
      x: [UInt8](repeating: 9, count: channels), input: ByteScale(scale: 1, zeroPoint: 9), y: &bytes,
      output: ByteScale(scale: scale, zeroPoint: zero), outputRows: 0..<1,
      bias: values + [Float](repeating: 0, count: channels - values.count), activation: .none)
    return Array(bytes.prefix(values.count))
  }
}
