import CKernels

extension ConvolutionWindow {
  /// Neighbouring output pixels that see the same taps, and the offsets, in elements, of their operands.
  struct Span {
    var window: ck_window
    var x: Int
    var w: Int
    var y: Int
  }

  /// Cuts `outputRows` into spans for a depthwise kernel: inside the image whole runs, at its edges single pixels.
  func spans(outputRows: Range<Int>, _ body: (Span) -> Void) {
    let outputWidth = outputWidth
    let interior = interiorColumns(outputWidth)
    for oy in outputRows {
      let top = oy * strideHeight - padTop
      let rows = Self.taps(kernelHeight, origin: top, dilation: dilationHeight, size: height)
      var ox = 0
      while ox < outputWidth {
        let pixels = ox == interior.lowerBound ? max(1, interior.count) : 1
        let left = ox * strideWidth - padLeft
        let columns = Self.taps(kernelWidth, origin: left, dilation: dilationWidth, size: width)
        let window = ck_window(
          pixels: pixels, x_pixel: strideWidth * pixelStride, y_pixel: channels, channels: channels,
          tap_rows: columns.isEmpty ? 0 : rows.count, tap_columns: columns.count,
          x_row: dilationHeight * width * pixelStride, x_column: dilationWidth * pixelStride,
          w_row: kernelWidth * channels, w_column: channels)
        let empty = rows.isEmpty || columns.isEmpty
        let y = top + rows.lowerBound * dilationHeight
        let x = left + columns.lowerBound * dilationWidth
        body(
          Span(
            window: window, x: empty ? 0 : (y * width + x) * pixelStride,
            w: empty ? 0 : (rows.lowerBound * kernelWidth + columns.lowerBound) * channels,
            y: (oy * outputWidth + ox) * channels))
        ox += pixels
      }
    }
  }

  /// Output columns whose window lies wholly inside the image, from side to side.
  func interiorColumns(_ outputWidth: Int) -> Range<Int> {
    let first = (padLeft + strideWidth - 1) / strideWidth
    let room = width - dilationWidth * (kernelWidth - 1) - 1 + padLeft
    guard room >= 0 else { return 0..<0 }
    let end = min(outputWidth, room / strideWidth + 1)
    return first < end ? first..<end : 0..<0
  }
}
