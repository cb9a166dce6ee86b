import CKernels

/// A convolution straight from an image of bytes in NHWC order, in exact integer sums: no patches are laid out.
///
/// A band of the image is widened to 16-bit differences byte − zero point, weights are kept as differences as well:
/// nothing has to be taken off the sums.
package final class IntegerDirectConvolution: Sendable {
  package let outputs: Int
  private let direct: DirectWindow
  private let weights: AlignedBuffer<Int16>
  private let scales: AlignedBuffer<Float>
  private let zeros: AlignedBuffer<Int32>
  private let table: KernelTable

  package var window: ConvolutionWindow { direct.window }

  /// Packs `weights` [outputs, window.patchSize], a patch in the order kernel row, kernel column, channel, where
  /// weight = scale · (code − zeroPoint).
  ///
  /// `scales` holds one value or one per output; `zeroPoints` none, one, or one per output, each in −128...127. A patch
  /// holds at most `IntegerMatrix.maximumInputs` values.
  /// - Precondition: `DirectConvolution.takes(window)`.
  package init(
    weights codes: UnsafeBufferPointer<Int8>, outputs: Int, scales: [Float], zeroPoints: [Int32] = [],
    window: ConvolutionWindow, table: KernelTable
  ) {
    precondition(codes.count == outputs * window.patchSize, "weights are [outputs, patch]")
    precondition(zeroPoints.allSatisfy { -128...127 ~= $0 }, "zero points of 8-bit weights are 8-bit")
    precondition(window.patchSize <= IntegerMatrix.maximumInputs, "integer sums over so many inputs overflow")
    self.outputs = outputs
    self.table = table
    direct = DirectWindow(window, elementBytes: 2)
    let run = window.kernelWidth * window.channels
    let pairs = (run + 1) / 2
    weights = AlignedBuffer(zeros: Panels.padded(outputs) * window.kernelHeight * 2 * pairs)
    for n in 0..<outputs {
      let zero = zeroPoints.isEmpty ? 0 : zeroPoints[zeroPoints.count == 1 ? 0 : n]
      let panel = n / Panels.width * Panels.width * window.kernelHeight * 2 * pairs
      for row in 0..<window.kernelHeight {
        for k in 0..<run {
          let step = row * pairs + k / 2
          let code = Int32(codes[n * window.patchSize + row * run + k])
          weights.start[panel + (step * Panels.width + n % Panels.width) * 2 + k % 2] = Int16(code - zero)
        }
      }
    }
    self.scales = AlignedBuffer(perOutput: scales, outputs: outputs)
    zeros = AlignedBuffer(zeros: Panels.padded(outputs) + Panels.width)
  }

  package var identity: KernelIdentity {
    KernelIdentity(.int8, .direct, KernelCode(table.matrix.s16_conv_info))
  }
  package var packedBytes: Int {
    weights.byteCount + scales.byteCount + zeros.byteCount + direct.places.byteCount
  }

  /// Bytes of scratch a run needs: a band, and the element behind it that the last pair of an odd run reads.
  package var scratchBytes: Int { direct.bandElements * 2 + 64 }

  /// Rows `outputRows` of y [outputHeight, outputWidth, outputs], which starts at row 0 and lies densely; so does the
  /// epilogue's residual. `scratch` as `scratchBytes` says, 64-byte aligned.
  /// - Parameter output: how y's bytes are coded; nil where y holds floats.
  package func run(
    x: UnsafePointer<UInt8>, input: ByteScale, y: UnsafeMutableRawPointer, output: ByteScale?,
    outputRows: Range<Int>, epilogue: Epilogue, scratch: UnsafeMutableRawPointer
  ) {
    let kernel = table.matrix.s16_conv
    let pairs = (window.kernelWidth * window.channels + 1) / 2
    let panelWeights = window.kernelHeight * pairs * 2 * Panels.width
    let frame = scratch.assumingMemoryBound(to: Int16.self)
    let elementBytes = output == nil ? 4 : 1
    let bounds = epilogue.activation.bounds
    var store = ck_integer_store(
      column_sums: zeros.start, zero_points: nil, row_sums: zeros.start, scale: scales.start, bias: nil,
      residual: nil, residual_stride: epilogue.ldr, x_scale: input.scale, lo: bounds.low, hi: bounds.high,
      out_scale: output?.scale ?? 1, x_zero: 0, k: 0, out_zero: output?.zeroPoint ?? 0,
      quantize: output == nil ? 0 : 1)
    frame[direct.bandElements] = 0
    direct.bands(outputRows) { rows in
      direct.fill(frame, rows) { row, to in
        Self.widen(x + row, to, count: window.width * window.channels, zero: Int16(input.zeroPoint))
      }
      let first = rows.lowerBound * window.outputWidth
      direct.blocks(pixels: rows.count * window.outputWidth, outputs: outputs, panelBytes: panelWeights * 2) {
        pixel, count, column, columns in
        store.scale = UnsafePointer(scales.start + column)
        store.bias = epilogue.bias.map { $0 + column }
        store.residual = epilogue.residual.map { $0 + ((first + pixel) * epilogue.ldr + column) }
        kernel(
          count, columns, window.kernelHeight, pairs, frame, direct.places.start + pixel, direct.segment,
          weights.start + column / Panels.width * panelWeights, panelWeights,
          y + ((first + pixel) * outputs + column) * elementBytes, outputs, &store)
      }
    }
  }

  /// Differences of bytes to their zero point, sixteen at a time.
  @inline(__always)
  private static func widen(
    _ from: UnsafePointer<UInt8>, _ to: UnsafeMutablePointer<Int16>, count: Int, zero: Int16
  ) {
    let (source, target) = (UnsafeRawPointer(from), UnsafeMutableRawPointer(to))
    var i = 0
    while i + 16 <= count {
      let bytes = source.loadUnaligned(fromByteOffset: i, as: SIMD16<UInt8>.self)
      target.storeBytes(
        of: SIMD16<Int16>(truncatingIfNeeded: bytes) &- zero, toByteOffset: 2 * i, as: SIMD16<Int16>.self)
      i += 16
    }
    while i < count {
      to[i] = Int16(from[i]) &- zero
      i += 1
    }
  }
}
