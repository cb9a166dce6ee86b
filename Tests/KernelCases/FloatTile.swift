import CKernels

/// The result of a float product, with a random way of finishing it.
final class FloatTile {
  let rows: Int
  let outputs: Int
  let stride: Int
  let y: Memory<Float>
  var store = ck_f32_store()
  private let before: [Float]
  private let scale: Memory<Float>?
  private let bias: Memory<Float>?
  private let residual: Memory<Float>?

  /// Bias, residual, limits, scales and what y already holds are there or not, at random.
  init(rows: Int, outputs: Int, _ source: inout ProblemSource) {
    self.rows = rows
    self.outputs = outputs
    stride = outputs + source.gap()
    y = Memory(rows * stride)
    for row in 0..<rows { for n in 0..<outputs { y[row * stride + n] = source.float(-1...1) } }
    before = y.values
    scale = source.choice() ? source.floats((outputs + 15) / 16 * 16, in: 0.25...2) : nil
    bias = source.choice(timed: true) ? source.floats(outputs) : nil
    store.residual_stride = outputs + source.gap()
    residual = source.choice() ? source.floats(rows * store.residual_stride) : nil
    store.scale = scale.map { UnsafePointer($0.start) }
    store.bias = bias.map { UnsafePointer($0.start) }
    store.residual = residual.map { UnsafePointer($0.start) }
    store.accumulate = source.choice() ? 1 : 0
    store.finish = source.choice(timed: true) ? 1 : 0
    let limited = source.choice()
    store.lo = limited ? -0.5 : -.infinity
    store.hi = limited ? 0.75 : .infinity
  }

  /// The largest error for `sums` of terms that add up to `size` at most; what lies between rows must be as it was.
  func error(size: (Int, Int) -> Double = { _, _ in 0 }, _ sums: (Int, Int) -> Double) -> Double {
    var worst = y.isIntact ? 0 : Double.infinity
    for row in 0..<rows {
      for n in 0..<stride {
        let at = row * stride + n
        guard n < outputs else {
          if !y.isUntouched(at) { worst = .infinity }
          continue
        }
        let sum = sums(row, n)
        var v = sum
        if store.accumulate != 0 { v += Double(before[at]) }
        if store.finish != 0 {
          if let scale { v *= Double(scale[n]) }
          if let bias { v += Double(bias[n]) }
          if let residual { v += Double(residual[row * store.residual_stride + n]) }
          if v < Double(store.lo) { v = Double(store.lo) }
          if v > Double(store.hi) { v = Double(store.hi) }
        }
        worst = max(worst, share(y[at], v, allowed: 2e-6 * (4 + abs(sum) + 2 * size(row, n))))
      }
    }
    return worst
  }
}
