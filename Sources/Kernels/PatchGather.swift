/// Lays the patches under a window out as rows for a matrix product (im2col), a range of output pixels at a time.
package struct PatchGather: Sendable {
  package let window: ConvolutionWindow

  package init(_ window: ConvolutionWindow) { self.window = window }

  /// Output pixels whose patches of `elementBytes` each fill about 64 KB; whole tiles of any level.
  package func pixelsPerBlock(elementBytes: Int) -> Int {
    max(12, 65_536 / max(1, window.patchSize * elementBytes) / 12 * 12)
  }

  /// rows[i, patchSize] for output pixels `pixels`, rows `ldr` elements apart; `padding` where the window leaves the
  /// image. A patch lies in order kernel row, kernel column, channel.
  package func gather<Element: BitwiseCopyable>(
    _ image: UnsafePointer<Element>, pixels: Range<Int>, padding: Element,
    into rows: UnsafeMutablePointer<Element>,
    ldr: Int
  ) {
    let w = window
    let outputWidth = w.outputWidth
    guard !pixels.isEmpty, outputWidth > 0 else { return }
    let run = w.kernelWidth * w.channels
    // Columns of the kernel lie side by side in the image too.
    let contiguous = w.dilationWidth == 1 && w.pixelStride == w.channels
    var oy = pixels.lowerBound / outputWidth
    var ox = pixels.lowerBound % outputWidth
    var out = rows
    for _ in pixels {
      let y = oy * w.strideHeight - w.padTop
      let x = ox * w.strideWidth - w.padLeft
      let insideRows = ConvolutionWindow.taps(
        w.kernelHeight, origin: y, dilation: w.dilationHeight, size: w.height)
      let inside = ConvolutionWindow.taps(w.kernelWidth, origin: x, dilation: w.dilationWidth, size: w.width)
      for ky in 0..<w.kernelHeight {
        let to = out + ky * run
        guard insideRows.contains(ky), !inside.isEmpty else {
          Self.fill(to, padding, run)
          continue
        }
        let from = image + ((y + ky * w.dilationHeight) * w.width + x) * w.pixelStride
        Self.fill(to, padding, inside.lowerBound * w.channels)
        if contiguous {
          let first = inside.lowerBound * w.channels
          Self.copy(from + first, to + first, inside.count * w.channels)
        } else {
          for kx in inside {
            Self.copy(from + kx * w.dilationWidth * w.pixelStride, to + kx * w.channels, w.channels)
          }
        }
        Self.fill(
          to + inside.upperBound * w.channels, padding, (w.kernelWidth - inside.upperBound) * w.channels)
      }
      out += ldr
      ox += 1
      if ox == outputWidth {
        ox = 0
        oy += 1
      }
    }
  }

  // Runs of a few elements are common in first layers: a call would cost more than the copy.
  @inline(__always)
  private static func copy<Element: BitwiseCopyable>(
    _ from: UnsafePointer<Element>, _ to: UnsafeMutablePointer<Element>, _ count: Int
  ) {
    if count <= 16 {
      var i = 0
      while i < count {
        to[i] = from[i]
        i += 1
      }
    } else {
      to.update(from: from, count: count)
    }
  }

  @inline(__always)
  private static func fill<Element: BitwiseCopyable>(
    _ to: UnsafeMutablePointer<Element>, _ value: Element, _ count: Int
  ) {
    var i = 0
    while i < count {
      to[i] = value
      i += 1
    }
  }
}

extension PatchGather {
  /// `gather` for floats.
  package func gatherFloats(
    _ image: UnsafePointer<Float>, pixels: Range<Int>, into rows: UnsafeMutablePointer<Float>, ldr: Int
  ) {
    gather(image, pixels: pixels, padding: 0, into: rows, ldr: ldr)
  }

  /// `gather` for bytes; `zeroPoint` stands for zero.
  package func gatherBytes(
    _ image: UnsafePointer<UInt8>, pixels: Range<Int>, zeroPoint: UInt8,
    into rows: UnsafeMutablePointer<UInt8>,
    ldr: Int
  ) {
    gather(image, pixels: pixels, padding: zeroPoint, into: rows, ldr: ldr)
  }
}
