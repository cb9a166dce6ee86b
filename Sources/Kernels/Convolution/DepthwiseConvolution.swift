import CKernels

/// Depthwise convolution of one float image in NHWC order: each channel has its own window of weights.
package final class DepthwiseConvolution: Sendable {
  package let window: ConvolutionWindow
  private let weights: AlignedBuffer<Float>
  private let table: KernelTable
  private let runsRows: Bool

  /// Whether pixels at the edges cost no more than others, so that padding need not be written out.
  package static func handlesEdges(of window: ConvolutionWindow, table: KernelTable) -> Bool {
    window.takesRows && table.matrix.f32_depthwise3 != nil
  }

  /// Reorders `weights` [channels, kernelHeight, kernelWidth].
  package init(weights: UnsafeBufferPointer<Float>, window: ConvolutionWindow, table: KernelTable) {
    precondition(weights.count == window.patchSize, "weights are [channels, kernelHeight, kernelWidth]")
    self.window = window
    self.table = table
    runsRows = Self.handlesEdges(of: window, table: table)
    self.weights = AlignedBuffer(zeros: window.patchSize)
    let taps = window.kernelHeight * window.kernelWidth
    for c in 0..<window.channels {
      for tap in 0..<taps { self.weights.start[tap * window.channels + c] = weights[c * taps + tap] }
    }
  }

  package var identity: KernelIdentity {
    let matrix = table.matrix
    return KernelIdentity(
      .float32, .depthwise, KernelCode(runsRows ? matrix.f32_depthwise3_info : matrix.f32_depthwise_info))
  }
  package var packedBytes: Int { weights.byteCount }

  /// Rows `outputRows` of y [outputHeight, outputWidth, channels], which starts at row 0; y lies densely.
  package func run(
    x: UnsafePointer<Float>, y: UnsafeMutablePointer<Float>, outputRows: Range<Int>,
    bias: UnsafePointer<Float>?,
    activation: FusedActivation
  ) {
    let bounds = activation.bounds
    if runsRows, let kernel = table.matrix.f32_depthwise3 {
      window.rows(outputRows) { row in
        var part = row.window
        kernel(&part, x + row.x, weights.start + row.w, bias, bounds.low, bounds.high, y + row.y)
      }
      return
    }
    let kernel = table.matrix.f32_depthwise
    window.spans(outputRows: outputRows) { span in
      var part = span.window
      kernel(&part, x + span.x, weights.start + span.w, bias, bounds.low, bounds.high, y + span.y)
    }
  }
}

/// Depthwise convolution of one image of bytes in NHWC order, in exact integer sums.
package final class IntegerDepthwiseConvolution: Sendable {
  package let window: ConvolutionWindow
  /// As 16-bit numbers, or as floats where rows are run.
  private enum Weights: Sendable {
    case words(AlignedBuffer<Int16>)
    case floats(AlignedBuffer<Float>)
  }

  private let weights: Weights
  private let scales: AlignedBuffer<Float>
  private let zeros: AlignedBuffer<Int32>
  private let table: KernelTable

  /// As `DepthwiseConvolution.handlesEdges`.
  package static func handlesEdges(of window: ConvolutionWindow, table: KernelTable) -> Bool {
    // Sums of products of differences, 255 · 255 each, below 2^24.
    window.takesRows && window.kernelHeight * 3 * 65_025 < 1 << 24 && table.matrix.u8s8_depthwise3 != nil
  }

  /// Reorders `weights` [channels, kernelHeight, kernelWidth], where weight = scale · (code − zeroPoint).
  ///
  /// `scales` holds one value or one per channel; `zeroPoints` none, one, or one per channel, each in −128...127.
  package init(
    weights codes: UnsafeBufferPointer<Int8>, window: ConvolutionWindow, scales: [Float],
    zeroPoints: [Int32] = [],
    table: KernelTable
  ) {
    precondition(codes.count == window.patchSize, "weights are [channels, kernelHeight, kernelWidth]")
    precondition(zeroPoints.allSatisfy { -128...127 ~= $0 }, "zero points of 8-bit weights are 8-bit")
    let taps = window.kernelHeight * window.kernelWidth
    precondition(taps <= IntegerMatrix.maximumInputs, "integer sums over so many taps overflow")
    self.window = window
    self.table = table
    self.scales = AlignedBuffer(perOutput: scales, outputs: window.channels)
    zeros = AlignedBuffer(zeros: Panels.padded(window.channels))
    let offsets = AlignedBuffer(perOutput: zeroPoints.isEmpty ? [0] : zeroPoints, outputs: window.channels)
    func reorder<Element>(_ to: AlignedBuffer<Element>, _ make: (Int32) -> Element) -> AlignedBuffer<Element>
    {
      for c in 0..<window.channels {
        for tap in 0..<taps {
          to.start[tap * window.channels + c] = make(Int32(codes[c * taps + tap]) - offsets.start[c])
        }
      }
      return to
    }
    weights =
      Self.handlesEdges(of: window, table: table)
      ? .floats(reorder(AlignedBuffer(zeros: window.patchSize)) { Float($0) })
      : .words(reorder(AlignedBuffer(zeros: window.patchSize)) { Int16($0) })
  }

  package var identity: KernelIdentity {
    let info =
      switch weights {
      case .words: table.matrix.u8s8_depthwise_info
      case .floats: table.matrix.u8s8_depthwise3_info
      }
    return KernelIdentity(.int8, .depthwise, KernelCode(info))
  }

  package var packedBytes: Int {
    switch weights {
    case .words(let words): words.byteCount + scales.byteCount
    case .floats(let floats): floats.byteCount + scales.byteCount
    }
  }

  /// Rows `outputRows` of y as floats; see `DepthwiseConvolution.run`.
  package func run(
    x: UnsafePointer<UInt8>, input: ByteScale, y: UnsafeMutablePointer<Float>, outputRows: Range<Int>,
    bias: UnsafePointer<Float>?, activation: FusedActivation
  ) {
    run(x: x, input: input, y: y, output: nil, outputRows: outputRows, bias: bias, activation: activation)
  }

  /// Rows `outputRows` of y as bytes on scale `output`.
  package func run(
    x: UnsafePointer<UInt8>, input: ByteScale, y: UnsafeMutablePointer<UInt8>, output: ByteScale,
    outputRows: Range<Int>, bias: UnsafePointer<Float>?, activation: FusedActivation
  ) {
    run(
      x: x, input: input, y: UnsafeMutableRawPointer(y), output: output, outputRows: outputRows, bias: bias,
      activation: activation)
  }

  private func run(
    x: UnsafePointer<UInt8>, input: ByteScale, y: UnsafeMutableRawPointer, output: ByteScale?,
    outputRows: Range<Int>, bias: UnsafePointer<Float>?, activation: FusedActivation
  ) {
    let bounds = activation.bounds
    var store = ck_integer_store(
      column_sums: zeros.start, zero_points: nil, row_sums: zeros.start, scale: scales.start, bias: bias,
      residual: nil, residual_stride: 0, x_scale: input.scale, lo: bounds.low, hi: bounds.high,
      out_scale: output?.scale ?? 1, x_zero: input.zeroPoint, k: 0, out_zero: output?.zeroPoint ?? 0,
      quantize: output == nil ? 0 : 1)
    let bytes = output == nil ? 4 : 1
    switch weights {
    case .words(let words):
      window.spans(outputRows: outputRows) { span in
        var part = span.window
        table.matrix.u8s8_depthwise(&part, x + span.x, words.start + span.w, y + span.y * bytes, &store)
      }
    case .floats(let floats):
      guard let kernel = table.matrix.u8s8_depthwise3 else { return }
      window.rows(outputRows) { row in
        var part = row.window
        kernel(&part, x + row.x, floats.start + row.w, y + row.y * bytes, &store)
      }
    }
  }
}
