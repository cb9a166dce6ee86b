import Kernels
import Testing

/// A window that direct convolutions take, with what surrounds it.
private struct DirectCase {
  let window: ConvolutionWindow
  let outputs: Int
  let bias: [Float]
  let residual: [Float]
  let activation: FusedActivation
  let rows: Range<Int>

  /// Calls `body` with the epilogue, its pointers alive.
  func withEpilogue(_ body: (Epilogue) -> Void) {
    bias.withUnsafeBufferPointer { bias in
      residual.withUnsafeBufferPointer { residual in
        body(
          Epilogue(
            bias: bias.baseAddress, activation: activation, residual: residual.baseAddress, ldr: outputs))
      }
    }
  }

  /// Values before they are limited to bytes: sums over the taps inside the image, finished.
  func expected(_ term: (_ x: Int, _ weight: Int) -> Double, scale: (Int) -> Double) -> [Float] {
    let taps = window.kernelHeight * window.kernelWidth
    return (0..<window.outputPixels * outputs).map { at in
      let (pixel, n) = (at / outputs, at % outputs)
      var sum = 0.0
      for tap in 0..<taps {
        for c in 0..<window.channels {
          guard let x = element(window, pixel, tap / window.kernelWidth, tap % window.kernelWidth, c) else {
            continue
          }
          sum += term(x, n * window.patchSize + tap * window.channels + c)
        }
      }
      let value = Float(sum * scale(n) + Double(bias[n]) + Double(residual[at]))
      return min(max(value, activation.bounds.low), activation.bounds.high)
    }
  }

  static func random(_ count: Int, seed: UInt64) -> [DirectCase] {
    var random = Seeded(seed)
    func pick(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
    return (0..<count).compactMap { index in
      let window = ConvolutionWindow(
        // Some images larger than a band.
        height: pick(1...20) + (index % 9 == 0 ? 200 : 0), width: pick(1...20), channels: pick(1...7),
        kernel: (pick(1...5), pick(1...5)), stride: (pick(1...3), pick(1...3)),
        pads: index % 3 == 0 ? (0, 0, 0, 0) : (pick(0...3), pick(0...3), pick(0...3), pick(0...3)),
        dilation: (pick(1...2), 1))
      guard window.outputPixels > 0 else { return nil }
      let outputs = [pick(1...50), 8, 16, 24, 25, 40][index % 6]
      let low = pick(0...window.outputHeight - 1)
      return DirectCase(
        window: window, outputs: outputs, bias: random.floats(outputs),
        residual: random.floats(window.outputPixels * outputs),
        activation: [.none, .relu, .clip(-0.25, 0.5)][index % 3],
        rows: index % 2 == 0 ? 0..<window.outputHeight : low..<window.outputHeight)
    }
  }

  /// The places that `rows` cover.
  var written: Range<Int> {
    rows.lowerBound * window.outputWidth * outputs..<rows.upperBound * window.outputWidth * outputs
  }
}

@Suite struct DirectConvolutionTests {
  @Test(arguments: levels) func matchesReference(_ level: CPUFeatureLevel) {
    var random = Seeded(401)
    for one in DirectCase.random(90, seed: 402) {
      let x = random.floats(one.window.height * one.window.width * one.window.channels)
      let weights = random.floats(one.outputs * one.window.patchSize)
      let kernel = weights.withUnsafeBufferPointer {
        DirectConvolution(weights: $0, outputs: one.outputs, window: one.window, table: .for(level))
      }
      let scratch = Scratch(kernel.scratchBytes)
      var y = [Float](repeating: 7, count: one.window.outputPixels * one.outputs)
      one.withEpilogue {
        kernel.run(x: x, y: &y, outputRows: one.rows, epilogue: $0, scratch: scratch.start)
      }
      let expected = one.expected({ Double(x[$0]) * Double(weights[$1]) }, scale: { _ in 1 })
      #expect(
        worst(Array(y[one.written]), Array(expected[one.written])) < 2e-5, "\(one.window)")
      let untouched = y.indices.allSatisfy { one.written.contains($0) || y[$0] == 7 }
      #expect(untouched && scratch.intact, "\(one.window)")
    }
  }

  /// Sums are exact, also where all bytes and weights are at their limits.
  @Test(arguments: levels) func bytesMatchReference(_ level: CPUFeatureLevel) {
    var random = Seeded(403)
    for (i, one) in DirectCase.random(90, seed: 404).enumerated() {
      let extreme = i % 4 == 0
      let x = (0..<one.window.height * one.window.width * one.window.channels).map { _ in
        extreme ? UInt8(255) : UInt8.random(in: 0...255, using: &random)
      }
      let codes = (0..<one.outputs * one.window.patchSize).map { _ in
        extreme ? Int8.min : Int8.random(in: -128...127, using: &random)
      }
      let zeroPoints = (0..<[0, 1, one.outputs][i % 3]).map { _ in
        extreme ? 127 : Int32.random(in: -128...127, using: &random)
      }
      let input = ByteScale(scale: 0.02, zeroPoint: extreme ? 0 : Int32.random(in: 0...255, using: &random))
      let scales = random.floats(i % 2 == 0 ? one.outputs : 1, in: 1e-4...1e-3)
      let kernel = codes.withUnsafeBufferPointer {
        IntegerDirectConvolution(
          weights: $0, outputs: one.outputs, scales: scales, zeroPoints: zeroPoints, window: one.window,
          table: .for(level))
      }
      let expected = one.expected(
        { at, weight in
          let n = weight / one.window.patchSize
          let zero = zeroPoints.isEmpty ? 0 : zeroPoints[zeroPoints.count == 1 ? 0 : n]
          return Double((Int32(x[at]) - input.zeroPoint) * (Int32(codes[weight]) - zero))
        }, scale: { Double(scales[scales.count == 1 ? 0 : $0] * input.scale) })
      var floats = [Float](repeating: 7, count: expected.count)
      var bytes = [UInt8](repeating: 9, count: expected.count)
      let output = ByteScale(scale: 0.03, zeroPoint: 20)
      let scratch = Scratch(kernel.scratchBytes)
      one.withEpilogue {
        kernel.run(
          x: x, input: input, y: &floats, output: nil, outputRows: one.rows, epilogue: $0,
          scratch: scratch.start)
        kernel.run(
          x: x, input: input, y: &bytes, output: output, outputRows: one.rows, epilogue: $0,
          scratch: scratch.start)
      }
      #expect(worst(Array(floats[one.written]), Array(expected[one.written])) < 1e-6, "\(one.window)")
      let right = one.written.allSatisfy {
        let code = (floats[$0] / output.scale).rounded(.toNearestOrEven) + 20
        return bytes[$0] == UInt8(min(max(code, 0), 255))
      }
      let untouched = bytes.indices.allSatisfy {
        one.written.contains($0) || bytes[$0] == 9 && floats[$0] == 7
      }
      #expect(right && untouched && scratch.intact, "\(one.window)")
    }
  }

  @Test(arguments: levels) func extremesSpreadNoFurtherThanTheirWindow(_ level: CPUFeatureLevel) {
    let window = ConvolutionWindow(
      height: 9, width: 9, channels: 1, kernel: (3, 3), pads: (1, 1, 1, 1))
    for extreme in [Float.nan, .infinity, .leastNonzeroMagnitude] {
      var x = [Float](repeating: 1, count: 81)
      x[40] = extreme
      let kernel = [Float](repeating: 1, count: 20 * 9).withUnsafeBufferPointer {
        DirectConvolution(weights: $0, outputs: 20, window: window, table: .for(level))
      }
      let scratch = Scratch(kernel.scratchBytes)
      var y = [Float](repeating: 0, count: 81 * 20)
      kernel.run(x: x, y: &y, outputRows: 0..<9, epilogue: Epilogue(), scratch: scratch.start)
      for pixel in 0..<81 {
        let near = abs(pixel / 9 - 4) <= 1 && abs(pixel % 9 - 4) <= 1
        for value in y[pixel * 20..<pixel * 20 + 20] {
          if near && !extreme.isFinite {
            #expect(extreme.isNaN ? value.isNaN : value == .infinity)
          } else {
            #expect(value.isFinite && value >= 4)
          }
        }
      }
    }
  }
}
