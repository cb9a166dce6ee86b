import CKernels
import Kernels

/// Depthwise convolutions: parts of windows of any width, and whole rows under windows three columns wide.
enum DepthwiseCases {
  static let all = [
    SlotCase(slot: "f32_depthwise", info: { $0.f32_depthwise_info }) { matrix, _, source in
      let part = Part(&source)
      let x = source.floats(part.elements)
      let result = FloatPixels(part.pixels, part.channels, stride: part.window.y_pixel, &source)
      let w = source.floats(part.taps * part.channels)
      return Trial(
        label: part.label, work: .floats(part.operations),
        run: {
          matrix.f32_depthwise(
            &part.window, x.start, w.start, result.bias?.start, result.low, result.high, result.y.start)
        },
        error: {
          result.error { p, c in
            (0..<part.taps).reduce(0) {
              $0 + Double(x[part.place(p, $1) + c]) * Double(w[part.weight($1) + c])
            }
          }
        })
    },
    SlotCase(slot: "u8s8_depthwise", info: { $0.u8s8_depthwise_info }) { matrix, _, source in
      let part = Part(&source)
      let x: Memory<UInt8> = source.integers(part.elements, in: 0...255)
      let w: Memory<Int16> = source.integers(part.taps * part.channels, in: -255...255)
      let tile = IntegerTile(
        rows: part.pixels, outputs: part.channels, inputs: 0, columnSums: nil, rowSums: nil, residual: false,
        spaced: false, &source)
      part.window.y_pixel = tile.stride
      return Trial(
        label: part.label, work: .integers(part.operations),
        run: { matrix.u8s8_depthwise(&part.window, x.start, w.start, tile.start, &tile.store) },
        error: {
          tile.error { p, c in
            (0..<part.taps).reduce(0) {
              $0 + (Int(x[part.place(p, $1) + c]) - Int(tile.store.x_zero)) * Int(w[part.weight($1) + c])
            }
          }
        })
    },
    SlotCase(slot: "f32_depthwise3", info: { $0.f32_depthwise3_info }) { matrix, _, source in
      let row = Row(&source)
      let x = source.floats(row.elements)
      let w = source.floats(row.taps * row.channels)
      let result = FloatPixels(row.pixels, row.channels, stride: row.channels, &source)
      guard let kernel = matrix.f32_depthwise3 else {
        preconditionFailure("the list has a kernel for the slot")
      }
      return Trial(
        label: row.label, work: .floats(row.operations),
        run: {
          kernel(
            &row.window, x.start + row.origin, w.start, result.bias?.start, result.low, result.high,
            result.y.start
          )
        },
        error: {
          result.error { p, c in
            row.inside(p).reduce(0) {
              $0 + Double(x[row.place(p, $1) + c]) * Double(w[$1 * row.channels + c])
            }
          }
        })
    },
    SlotCase(slot: "u8s8_depthwise3", info: { $0.u8s8_depthwise3_info }) { matrix, _, source in
      let row = Row(&source)
      let x: Memory<UInt8> = source.integers(row.elements, in: 0...255)
      let w = source.values(row.taps * row.channels) { Float($0.integer(-255...255)) }
      let tile = IntegerTile(
        rows: row.pixels, outputs: row.channels, inputs: 0, columnSums: nil, rowSums: nil, residual: false,
        spaced: false, &source)
      if source.choice(timed: true) { tile.store.x_zero = 0 }
      guard let kernel = matrix.u8s8_depthwise3 else {
        preconditionFailure("the list has a kernel for the slot")
      }
      return Trial(
        label: row.label, work: .integers(row.operations),
        run: { kernel(&row.window, x.start + row.origin, w.start, tile.start, &tile.store) },
        error: {
          tile.error { p, c in
            row.inside(p).reduce(0) {
              $0 + (Int(x[row.place(p, $1) + c]) - Int(tile.store.x_zero)) * Int(w[$1 * row.channels + c])
            }
          }
        })
    },
  ]

  /// Neighbouring pixels that see the same taps.
  private final class Part {
    var window: ck_window

    init(_ source: inout ProblemSource) {
      let channels = source.size(1...40, timed: 64)
      let (rows, columns) = (source.size(0...3, timed: 3), source.size(0...4, timed: 5))
      let pixel = channels * source.size(1...2, timed: 1) + source.gap()
      window = ck_window(
        pixels: source.size(0...19, timed: 24), x_pixel: pixel, y_pixel: channels, channels: channels,
        tap_rows: rows, tap_columns: columns, x_row: 30 * pixel, x_column: pixel, w_row: columns * channels,
        w_column: channels)
    }

    var pixels: Int { window.pixels }
    var channels: Int { window.channels }
    var taps: Int { window.tap_rows * window.tap_columns }
    var elements: Int { window.x_row * 4 + window.x_pixel * (pixels + 8) }
    var operations: Double { 2 * Double(pixels * channels * taps) }
    var label: String { "\(pixels) pixels, \(channels) channels, \(window.tap_rows)x\(window.tap_columns)" }
    func place(_ pixel: Int, _ tap: Int) -> Int {
      pixel * window.x_pixel + tap / window.tap_columns * window.x_row + tap % window.tap_columns
        * window.x_column
    }
    func weight(_ tap: Int) -> Int {
      tap / window.tap_columns * window.w_row + tap % window.tap_columns * window.w_column
    }
  }

  /// A row of pixels under windows three columns wide, whose first and last column may lie outside the image.
  private final class Row {
    var window: ck_row3
    let elements: Int

    init(_ source: inout ProblemSource) {
      let channels = source.size(8...40, timed: 64)
      let pixel = channels + source.gap()
      let pixels = source.size(1...35, timed: 28)
      let stride = source.size(1...2, timed: 1)
      let columns = (pixels - 1) * stride + 3
      let left = source.choice(timed: true), right = source.choice(timed: true)
      window = ck_row3(
        pixels: pixels, channels: channels, stride: stride, tap_rows: source.size(0...3, timed: 3),
        x_row: columns * pixel, x_pixel: pixel, left: left ? 1 : 0, right: right ? 1 : 0)
      elements = columns * pixel * 4
    }

    /// Where the first pixel's first column is; not read where it lies outside.
    var origin: Int { 0 }
    var pixels: Int { window.pixels }
    var channels: Int { window.channels }
    var taps: Int { window.tap_rows * 3 }
    var operations: Double { 2 * Double(pixels * channels * taps) }
    var label: String {
      "\(pixels) pixels, \(channels) channels, \(window.tap_rows)x3, stride \(window.stride)"
    }
    /// The taps of a pixel that lie inside the image.
    func inside(_ pixel: Int) -> [Int] {
      (0..<taps).filter { tap in
        !(pixel == 0 && tap % 3 == 0 && window.left != 0)
          && !(pixel == pixels - 1 && tap % 3 == 2 && window.right != 0)
      }
    }
    func place(_ pixel: Int, _ tap: Int) -> Int {
      tap / 3 * window.x_row + (pixel * window.stride + tap % 3) * window.x_pixel
    }
  }

  /// Pixels of floats, with or without bias and limits.
  private final class FloatPixels {
    let pixels: Int
    let channels: Int
    let stride: Int
    let y: Memory<Float>
    let bias: Memory<Float>?
    let low: Float
    let high: Float

    init(_ pixels: Int, _ channels: Int, stride: Int, _ source: inout ProblemSource) {
      (self.pixels, self.channels, self.stride) = (pixels, channels, stride)
      y = Memory(pixels * stride)
      bias = source.choice(timed: true) ? source.floats(channels) : nil
      let limited = source.choice()
      (low, high) = limited ? (-0.25, 0.5) : (-.infinity, .infinity)
    }

    func error(_ sums: (Int, Int) -> Double) -> Double {
      var worst = y.isIntact ? 0 : Double.infinity
      for p in 0..<pixels {
        for c in 0..<channels {
          let exact = min(max(sums(p, c) + Double(bias?[c] ?? 0), Double(low)), Double(high))
          worst = max(worst, share(y[p * stride + c], exact, allowed: 1e-5))
        }
      }
      return worst
    }
  }
}
