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
    let runBytes = run * MemoryLayout<Element>.stride
    // Columns of the kernel lie side by side in the image too.
    let contiguous = w.dilationWidth == 1 && w.pixelStride == w.channels
    let interior = w.interiorColumns(outputWidth)
    var oy = pixels.lowerBound / outputWidth
    var ox = pixels.lowerBound % outputWidth
    var insideRows = rowTaps(oy)
    var out = rows
    for _ in pixels {
      let y = oy * w.strideHeight - w.padTop
      let x = ox * w.strideWidth - w.padLeft
      if insideRows.count == w.kernelHeight, interior.contains(ox) {
        // Most pixels: nothing to clip.
        var from = image + (y * w.width + x) * w.pixelStride
        var to = out
        for _ in 0..<w.kernelHeight {
          if contiguous {
            // Most first layers: a run of few elements, in two pieces that overlap.
            switch runBytes {
            case 4...8: Self.twoPieces(from, to, runBytes, UInt32.self)
            case 9...16: Self.twoPieces(from, to, runBytes, UInt64.self)
            case 17...32: Self.twoPieces(from, to, runBytes, SIMD16<UInt8>.self)
            case 33...64: Self.twoPieces(from, to, runBytes, SIMD32<UInt8>.self)
            default: Self.copy(from, to, run)
            }
          } else {
            for kx in 0..<w.kernelWidth {
              Self.copy(from + kx * w.dilationWidth * w.pixelStride, to + kx * w.channels, w.channels)
            }
          }
          from += w.dilationHeight * w.width * w.pixelStride
          to += run
        }
      } else {
        gatherEdge(image, y: y, x: x, insideRows: insideRows, padding: padding, into: out)
      }
      out += ldr
      ox += 1
      if ox == outputWidth {
        ox = 0
        oy += 1
        insideRows = rowTaps(oy)
      }
    }
  }

  private func rowTaps(_ oy: Int) -> Range<Int> {
    ConvolutionWindow.taps(
      window.kernelHeight, origin: oy * window.strideHeight - window.padTop, dilation: window.dilationHeight,
      size: window.height)
  }

  /// One patch that may reach outside the image, its window starting at (y, x).
  private func gatherEdge<Element: BitwiseCopyable>(
    _ image: UnsafePointer<Element>, y: Int, x: Int, insideRows: Range<Int>, padding: Element,
    into out: UnsafeMutablePointer<Element>
  ) {
    let w = window
    let run = w.kernelWidth * w.channels
    let inside = ConvolutionWindow.taps(w.kernelWidth, origin: x, dilation: w.dilationWidth, size: w.width)
    for ky in 0..<w.kernelHeight {
      let to = out + ky * run
      guard insideRows.contains(ky), !inside.isEmpty else {
        Self.fill(to, padding, run)
        continue
      }
      let from = image + ((y + ky * w.dilationHeight) * w.width + x) * w.pixelStride
      Self.fill(to, padding, inside.lowerBound * w.channels)
      for kx in inside {
        Self.copy(from + kx * w.dilationWidth * w.pixelStride, to + kx * w.channels, w.channels)
      }
      Self.fill(
        to + inside.upperBound * w.channels, padding, (w.kernelWidth - inside.upperBound) * w.channels)
    }
  }

  // Runs of a few elements are common in first layers: a call would cost more than the copy. The last piece overlaps
  // the one before, so that no element outside the run is touched.
  @inline(__always)
  private static func copy<Element: BitwiseCopyable>(
    _ from: UnsafePointer<Element>, _ to: UnsafeMutablePointer<Element>, _ count: Int
  ) {
    let bytes = count * MemoryLayout<Element>.stride
    let (source, target) = (UnsafeRawPointer(from), UnsafeMutableRawPointer(to))
    if bytes > 128 {
      target.copyMemory(from: source, byteCount: bytes)
    } else if bytes >= 16 {
      pieces(source, target, bytes, SIMD16<UInt8>.self)
    } else if bytes >= 8 {
      pieces(source, target, bytes, UInt64.self)
    } else if bytes >= 4 {
      pieces(source, target, bytes, UInt32.self)
    } else {
      for i in 0..<bytes {
        target.storeBytes(of: source.load(fromByteOffset: i, as: UInt8.self), toByteOffset: i, as: UInt8.self)
      }
    }
  }

  /// A run at least as long as a piece and at most as two.
  @inline(__always)
  private static func twoPieces<Element: BitwiseCopyable, Piece: BitwiseCopyable>(
    _ from: UnsafePointer<Element>, _ to: UnsafeMutablePointer<Element>, _ bytes: Int, _ type: Piece.Type
  ) {
    let (source, target) = (UnsafeRawPointer(from), UnsafeMutableRawPointer(to))
    let last = bytes - MemoryLayout<Piece>.size
    let (first, second) = (
      source.loadUnaligned(as: type), source.loadUnaligned(fromByteOffset: last, as: type)
    )
    target.storeBytes(of: first, as: type)
    target.storeBytes(of: second, toByteOffset: last, as: type)
  }

  @inline(__always)
  private static func pieces<Piece: BitwiseCopyable>(
    _ source: UnsafeRawPointer, _ target: UnsafeMutableRawPointer, _ bytes: Int, _ type: Piece.Type
  ) {
    let size = MemoryLayout<Piece>.size
    var at = 0
    while at < bytes - size {
      target.storeBytes(of: source.loadUnaligned(fromByteOffset: at, as: type), toByteOffset: at, as: type)
      at += size
    }
    let last = bytes - size
    target.storeBytes(of: source.loadUnaligned(fromByteOffset: last, as: type), toByteOffset: last, as: type)
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
