import Kernels
import Testing

/// Windows of every kind, some larger than their image, some that never touch it.
func windows(_ count: Int, seed: UInt64) -> [ConvolutionWindow] {
  var random = Seeded(seed)
  func pick(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
  return (0..<count).map { _ in
    let channels = pick(1...40)
    return ConvolutionWindow(
      height: pick(1...14), width: pick(1...14), channels: channels,
      pixelStride: channels + pick(0...1) * pick(0...9),
      kernel: (pick(1...5), pick(1...5)), stride: (pick(1...3), pick(1...3)),
      pads: (pick(0...4), pick(0...4), pick(0...4), pick(0...4)), dilation: (pick(1...3), pick(1...3)))
  }
}

/// Windows three columns wide over at least a vector of channels, their padding a column at most: kernels may run along rows.
func threeColumnWindows(_ count: Int, seed: UInt64) -> [ConvolutionWindow] {
  var random = Seeded(seed)
  func pick(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
  return (0..<count).map { _ in
    let channels = pick(0...1) == 0 ? 8 * pick(1...5) : pick(8...40)
    return ConvolutionWindow(
      height: pick(1...9), width: pick(1...35), channels: channels, pixelStride: channels + pick(0...1) * 8,
      kernel: (pick(1...4), 3), stride: (pick(1...3), pick(1...2)),
      pads: (pick(0...3), pick(0...1), pick(0...3), pick(0...1)), dilation: (pick(1...2), 1))
  }
}

/// The image element a tap meets, or nil outside.
func element(_ w: ConvolutionWindow, _ pixel: Int, _ ky: Int, _ kx: Int, _ c: Int) -> Int? {
  let y = pixel / w.outputWidth * w.strideHeight - w.padTop + ky * w.dilationHeight
  let x = pixel % w.outputWidth * w.strideWidth - w.padLeft + kx * w.dilationWidth
  guard 0..<w.height ~= y, 0..<w.width ~= x else { return nil }
  return (y * w.width + x) * w.pixelStride + c
}

@Suite struct ConvolutionTests {
  @Test(arguments: levels.filter { $0 > .portable }) func runsAlongRows(_ level: CPUFeatureLevel) {
    let found = threeColumnWindows(120, seed: 97).filter { $0.outputPixels > 0 }.map {
      DepthwiseConvolution.handlesEdges(of: $0, table: .for(level))
    }
    // Some windows leave the image by more than a column.
    #expect(found.count { $0 } > found.count / 2)
  }

  @Test func gathersPatches() {
    var random = Seeded(91)
    for window in windows(120, seed: 92) where window.outputPixels > 0 {
      let floats = random.floats(window.height * window.width * window.pixelStride)
      let bytes = floats.map { UInt8(abs($0) * 255) }
      let gather = PatchGather(window)
      let low = Int.random(in: 0..<window.outputPixels, using: &random)
      let pixels = low..<Int.random(in: low + 1...window.outputPixels, using: &random)
      let ldr = window.patchSize + Int.random(in: 0...3, using: &random)
      var rows = [Float](repeating: .nan, count: pixels.count * ldr)
      var byteRows = [UInt8](repeating: 0, count: pixels.count * ldr)
      gather.gatherFloats(floats, pixels: pixels, into: &rows, ldr: ldr)
      gather.gatherBytes(bytes, pixels: pixels, zeroPoint: 77, into: &byteRows, ldr: ldr)
      var right = true
      for (i, pixel) in pixels.enumerated() {
        for p in 0..<window.patchSize {
          let tap = p / window.channels
          let at = element(
            window, pixel, tap / window.kernelWidth, tap % window.kernelWidth, p % window.channels)
          right = right && rows[i * ldr + p] == (at.map { floats[$0] } ?? 0)
          right = right && byteRows[i * ldr + p] == (at.map { bytes[$0] } ?? 77)
        }
      }
      #expect(right, "\(window)")
    }
  }

  @Test(arguments: levels) func depthwiseMatchesReference(_ level: CPUFeatureLevel) {
    var random = Seeded(93)
    let all = windows(120, seed: 94) + threeColumnWindows(120, seed: 97)
    for (i, window) in all.enumerated() where window.outputPixels > 0 {
      let taps = window.kernelHeight * window.kernelWidth
      let x = random.floats(window.height * window.width * window.pixelStride)
      let weights = random.floats(window.patchSize)
      let bias = random.floats(window.channels)
      let activation: FusedActivation = [.none, .relu, .clip(-0.25, 0.5)][i % 3]
      let kernel = weights.withUnsafeBufferPointer {
        DepthwiseConvolution(weights: $0, window: window, table: .for(level))
      }
      var y = [Float](repeating: .nan, count: window.outputPixels * window.channels)
      kernel.run(
        x: x, y: &y, outputRows: 0..<window.outputHeight, bias: i % 2 == 0 ? bias : nil,
        activation: activation)
      let expected = (0..<y.count).map { at -> Float in
        let c = at % window.channels
        var sum = i % 2 == 0 ? Double(bias[c]) : 0
        for tap in 0..<taps {
          if let from = element(
            window, at / window.channels, tap / window.kernelWidth, tap % window.kernelWidth, c)
          {
            sum += Double(x[from]) * Double(weights[c * taps + tap])
          }
        }
        return min(max(Float(sum), activation.bounds.low), activation.bounds.high)
      }
      #expect(worst(y, expected) < 1e-5, "\(kernel.identity) \(window)")
    }
  }

  @Test(arguments: levels) func integerDepthwiseMatchesReference(_ level: CPUFeatureLevel) {
    var random = Seeded(95)
    let all = windows(120, seed: 96) + threeColumnWindows(120, seed: 98)
    for (i, window) in all.enumerated() where window.outputPixels > 0 {
      let taps = window.kernelHeight * window.kernelWidth
      let extreme = i % 4 == 0
      let x = (0..<window.height * window.width * window.pixelStride).map { _ in
        extreme ? UInt8(255) : UInt8.random(in: 0...255, using: &random)
      }
      let codes = (0..<window.patchSize).map { _ in
        extreme ? Int8.min : Int8.random(in: -128...127, using: &random)
      }
      let perChannel = i % 2 == 0
      let scales = random.floats(perChannel ? window.channels : 1, in: 0.001...0.01)
      let zeroPoints = (0..<[0, 1, window.channels][i % 3]).map { _ in
        Int32.random(in: -128...127, using: &random)
      }
      let bias = random.floats(window.channels)
      let input = ByteScale(scale: 0.02, zeroPoint: Int32.random(in: 0...255, using: &random))
      let kernel = codes.withUnsafeBufferPointer {
        IntegerDepthwiseConvolution(
          weights: $0, window: window, scales: scales, zeroPoints: zeroPoints, table: .for(level))
      }
      var floats = [Float](repeating: .nan, count: window.outputPixels * window.channels)
      let rows = 0..<window.outputHeight
      kernel.run(x: x, input: input, y: &floats, outputRows: rows, bias: bias, activation: .relu)
      var bytes = [UInt8](repeating: 0, count: floats.count)
      let output = ByteScale(scale: 0.03, zeroPoint: 20)
      kernel.run(
        x: x, input: input, y: &bytes, output: output, outputRows: rows, bias: bias, activation: .relu)
      let expected = (0..<floats.count).map { at -> Float in
        let c = at % window.channels
        let zero = zeroPoints.isEmpty ? 0 : zeroPoints[zeroPoints.count == 1 ? 0 : c]
        var sum = 0.0
        for tap in 0..<taps {
          if let from = element(
            window, at / window.channels, tap / window.kernelWidth, tap % window.kernelWidth, c)
          {
            sum += Double(Int32(x[from]) - input.zeroPoint) * Double(Int32(codes[c * taps + tap]) - zero)
          }
        }
        return max(0, Float(sum * Double(scales[perChannel ? c : 0]) * Double(input.scale) + Double(bias[c])))
      }
      #expect(worst(floats, expected) < 2e-6, "\(kernel.identity) \(window)")
      #expect(IntegerMatrixTests.agrees(bytes, expected, output), "\(kernel.identity) \(window)")
    }
  }
}
