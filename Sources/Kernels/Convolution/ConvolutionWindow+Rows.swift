import CKernels

extension ConvolutionWindow {
  /// Whether a depthwise kernel for windows three columns wide can run along whole rows of output, edges included.
  var takesRows: Bool {
    kernelWidth == 3 && dilationWidth == 1 && 1...2 ~= strideWidth && padLeft <= 1
      && channels >= 8 && outputWidth > 0 && lastColumn <= width
  }

  /// The last column that the last pixel of a row sees; `width` where it lies in the padding.
  private var lastColumn: Int { (outputWidth - 1) * strideWidth - padLeft + 2 }

  /// A row of output pixels, and the offsets, in elements, of its operands.
  struct Row {
    var window: ck_row3
    var x: Int
    var w: Int
    var y: Int
  }

  /// - Precondition: `takesRows`.
  func rows(_ outputRows: Range<Int>, _ body: (Row) -> Void) {
    var window = ck_row3(
      pixels: outputWidth, channels: channels, stride: strideWidth, tap_rows: 0,
      x_row: dilationHeight * width * pixelStride, x_pixel: pixelStride, left: padLeft == 0 ? 0 : 1,
      right: lastColumn == width ? 1 : 0)
    for oy in outputRows {
      let top = oy * strideHeight - padTop
      let taps = Self.taps(kernelHeight, origin: top, dilation: dilationHeight, size: height)
      window.tap_rows = taps.count
      let row = taps.isEmpty ? 0 : top + taps.lowerBound * dilationHeight
      body(
        Row(
          window: window, x: (row * width - padLeft) * pixelStride, w: taps.lowerBound * 3 * channels,
          y: oy * outputWidth * channels))
    }
  }
}
