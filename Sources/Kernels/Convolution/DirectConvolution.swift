import CKernels

/// A convolution straight from a float image in NHWC order: no patches are laid out.
package final class DirectConvolution: Sendable {
  package let outputs: Int
  private let direct: DirectWindow
  private let weights: AlignedBuffer<Float>
  private let isPadded: Bool
  /// Most outputs that the kernel takes.
  private let widest: Int
  private let table: KernelTable

  package var window: ConvolutionWindow { direct.window }

  /// Whether a window can be read so: its columns lie side by side.
  package static func takes(_ window: ConvolutionWindow) -> Bool { DirectWindow.takes(window) }

  /// Packs `weights` [outputs, window.patchSize], a patch in the order kernel row, kernel column, channel.
  /// - Precondition: `takes(window)`.
  package init(
    weights: UnsafeBufferPointer<Float>, outputs: Int, window: ConvolutionWindow, table: KernelTable
  ) {
    precondition(weights.count == outputs * window.patchSize, "weights are [outputs, patch]")
    self.outputs = outputs
    self.table = table
    widest = KernelCode(table.matrix.f32_conv_info).tile?.outputs ?? Panels.width
    direct = DirectWindow(window, elementBytes: 4)
    self.weights = AlignedBuffer(panels: weights, outputs: outputs, inputs: window.patchSize)
    isPadded = window.padTop + window.padLeft + window.padBottom + window.padRight > 0
  }

  package var identity: KernelIdentity {
    KernelIdentity(.float32, .direct, KernelCode(table.matrix.f32_conv_info))
  }
  package var packedBytes: Int { weights.byteCount + direct.places.byteCount }

  /// Bytes of scratch a run needs.
  package var scratchBytes: Int { isPadded ? direct.bandElements * 4 : 0 }

  /// Rows `outputRows` of y [outputHeight, outputWidth, outputs], which starts at row 0 and lies densely; so does the
  /// epilogue's residual. `scratch` as `scratchBytes` says, 64-byte aligned.
  package func run(
    x: UnsafePointer<Float>, y: UnsafeMutablePointer<Float>, outputRows: Range<Int>, epilogue: Epilogue,
    scratch: UnsafeMutableRawPointer
  ) {
    let kernel = table.matrix.f32_conv
    let run = window.kernelWidth * window.channels
    let panelFloats = window.patchSize * Panels.width
    var store = ck_f32_store(epilogue)
    direct.bands(outputRows) { rows in
      var from = x + rows.lowerBound * window.strideHeight * direct.framedRow
      if isPadded {
        let frame = scratch.assumingMemoryBound(to: Float.self)
        direct.fill(frame, rows) { row, to in
          to.update(from: x + row, count: window.width * window.channels)
        }
        from = UnsafePointer(frame)
      }
      let first = rows.lowerBound * window.outputWidth
      direct.blocks(
        pixels: rows.count * window.outputWidth, outputs: outputs, panelBytes: panelFloats * 4, widest: widest
      ) {
        pixel, count, column, columns in
        store.move(epilogue, row: first + pixel, column: column)
        kernel(
          count, columns, window.kernelHeight, run, from, direct.places.start + pixel, direct.segment,
          weights.start + column / Panels.width * panelFloats, panelFloats,
          y + ((first + pixel) * outputs + column), outputs, &store)
      }
    }
  }
}
