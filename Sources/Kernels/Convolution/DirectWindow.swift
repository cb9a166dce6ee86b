/// How a convolution straight from an image goes over it: bands of output rows, whose input, framed by its padding and
/// in the kernel's numbers, stays in a first- or second-level cache.
struct DirectWindow: Sendable {
  let window: ConvolutionWindow
  /// Where each pixel of a band starts, in elements from the band's first input.
  let places: AlignedBuffer<Int32>
  private let bandRows: Int

  private static let bandBytes = 64 << 10
  /// A multiple of 4, 6 and 12.
  private static let blockPixels = 48

  /// Whether a window can be read so: its columns lie side by side.
  static func takes(_ window: ConvolutionWindow) -> Bool {
    window.dilationWidth == 1 && window.pixelStride == window.channels
      && window.height * window.width * window.channels < 1 << 30
  }

  /// - Parameter elementBytes: of the kernel's numbers.
  init(_ window: ConvolutionWindow, elementBytes: Int) {
    precondition(Self.takes(window), "columns of the window lie side by side")
    self.window = window
    let rowBytes = window.framedRow * elementBytes
    let fitting = (Self.bandBytes / max(1, rowBytes) - window.reach) / window.strideHeight + 1
    bandRows = max(1, min(window.outputHeight, fitting))
    let columns = window.outputWidth
    places = AlignedBuffer(zeros: bandRows * columns)
    for pixel in 0..<bandRows * columns {
      let (row, column) = (pixel / columns * window.strideHeight, pixel % columns * window.strideWidth)
      places.start[pixel] = Int32(row * window.framedRow + column * window.channels)
    }
  }

  /// Elements of a row with its padding.
  var framedRow: Int { window.framedRow }
  /// Elements from one row under the window to the next.
  var segment: Int { window.dilationHeight * window.framedRow }
  /// Elements of a band's input.
  var bandElements: Int { frameRows(bandRows) * window.framedRow }

  private func frameRows(_ outputRows: Int) -> Int { (outputRows - 1) * window.strideHeight + window.reach }

  /// Runs of output rows whose input fits a band.
  @inline(__always)
  func bands(_ rows: Range<Int>, _ body: (Range<Int>) -> Void) {
    guard window.outputWidth > 0 else { return }
    for first in stride(from: rows.lowerBound, to: rows.upperBound, by: bandRows) {
      body(first..<min(rows.upperBound, first + bandRows))
    }
  }

  /// Writes the input rows that output rows `rows` see, zeros around them.
  /// - Parameter copy: writes an image row that starts at the given element.
  @inline(__always)
  func fill<Element: BitwiseCopyable & Numeric>(
    _ frame: UnsafeMutablePointer<Element>, _ rows: Range<Int>,
    _ copy: (Int, UnsafeMutablePointer<Element>) -> Void
  ) {
    let (width, left) = (window.width * window.channels, window.padLeft * window.channels)
    for row in 0..<frameRows(rows.count) {
      let to = frame + row * framedRow
      let source = rows.lowerBound * window.strideHeight + row - window.padTop
      guard source >= 0 && source < window.height else {
        to.update(repeating: 0, count: framedRow)
        continue
      }
      to.update(repeating: 0, count: left)
      copy(source * width, to + left)
      (to + (left + width)).update(repeating: 0, count: framedRow - left - width)
    }
  }

  /// Blocks of pixels, which stay in a first-level cache, over all panels.
  /// - Parameters:
  ///   - panelBytes: of one panel of weights.
  ///   - widest: most outputs that the kernel takes.
  ///   - body: a pixel of the band and how many from there, an output and how many from there.
  @inline(__always)
  func blocks(
    pixels: Int, outputs: Int, panelBytes: Int, widest: Int = 24,
    _ body: (_ pixel: Int, _ pixels: Int, _ column: Int, _ columns: Int) -> Void
  ) {
    for block in stride(from: 0, to: pixels, by: Self.blockPixels) {
      var column = 0
      while column < outputs {
        let left = outputs - column
        // A panel and a half together where no more is left, as long as both stay in a first-level cache: tiles are
        // only four rows high then, so that weights are read more often.
        let columns =
          widest == 2 * Panels.width && left > 24
          ? min(left, widest) : min(left, panelBytes <= 8 << 10 && left <= 24 ? 24 : Panels.width)
        body(block, min(Self.blockPixels, pixels - block), column, columns)
        column += columns
      }
    }
  }
}

extension ConvolutionWindow {
  fileprivate var framedRow: Int { (width + padLeft + padRight) * channels }
  /// Input rows under one position of the window.
  fileprivate var reach: Int { (kernelHeight - 1) * dilationHeight + 1 }
}
