/// Where a convolution's window lies on an image in rows, columns, channels order (NHWC, one image).
///
/// Sizes in elements. All are positive, pads not negative: whoever builds it has checked the model.
package struct ConvolutionWindow: Equatable, Sendable {
  package var height: Int
  package var width: Int
  /// Channels the window takes, from the first element it is given.
  package var channels: Int
  /// Channels that lie in memory for each pixel; more than `channels` for one group of several.
  package var pixelStride: Int
  package var kernelHeight: Int
  package var kernelWidth: Int
  package var strideHeight: Int
  package var strideWidth: Int
  package var padTop: Int
  package var padLeft: Int
  package var padBottom: Int
  package var padRight: Int
  package var dilationHeight: Int
  package var dilationWidth: Int

  package init(
    height: Int, width: Int, channels: Int, pixelStride: Int? = nil, kernel: (height: Int, width: Int),
    stride: (height: Int, width: Int) = (1, 1),
    pads: (top: Int, left: Int, bottom: Int, right: Int) = (0, 0, 0, 0),
    dilation: (height: Int, width: Int) = (1, 1)
  ) {
    self.height = height
    self.width = width
    self.channels = channels
    self.pixelStride = pixelStride ?? channels
    kernelHeight = kernel.height
    kernelWidth = kernel.width
    strideHeight = stride.height
    strideWidth = stride.width
    padTop = pads.top
    padLeft = pads.left
    padBottom = pads.bottom
    padRight = pads.right
    dilationHeight = dilation.height
    dilationWidth = dilation.width
  }

  /// Rows of output; 0 where the window does not fit.
  package var outputHeight: Int {
    Self.positions(height + padTop + padBottom, kernelHeight, strideHeight, dilationHeight)
  }

  /// Columns of output; 0 where the window does not fit.
  package var outputWidth: Int {
    Self.positions(width + padLeft + padRight, kernelWidth, strideWidth, dilationWidth)
  }

  /// Output pixels.
  package var outputPixels: Int { outputHeight * outputWidth }

  /// Values under one position of the window: rows, columns, channels.
  package var patchSize: Int { kernelHeight * kernelWidth * channels }

  /// Whether each patch is just a pixel, in order: no gathering is needed then.
  package var isPointwise: Bool {
    kernelHeight == 1 && kernelWidth == 1 && strideHeight == 1 && strideWidth == 1
      && padTop == 0 && padLeft == 0 && padBottom == 0 && padRight == 0
  }

  private static func positions(_ padded: Int, _ kernel: Int, _ stride: Int, _ dilation: Int) -> Int {
    let covered = dilation * (kernel - 1) + 1
    return padded < covered ? 0 : (padded - covered) / stride + 1
  }

  /// Taps along one axis that fall inside 0..<size, for a window starting at `origin`.
  static func taps(_ count: Int, origin: Int, dilation: Int, size: Int) -> Range<Int> {
    let low = origin < 0 ? (-origin + dilation - 1) / dilation : 0
    let high = origin >= size ? 0 : (size - 1 - origin) / dilation + 1
    let first = min(low, count)
    return first..<max(first, min(high, count))
  }
}
