import CKernels

/// The result of a product in exact integer sums, with a random way of finishing it.
final class IntegerTile {
  let rows: Int
  let outputs: Int
  let stride: Int
  var store: ck_integer_store
  private let floats: Memory<Float>?
  private let bytes: Memory<UInt8>?
  private let columnSums: Memory<Int32>
  private let rowSums: Memory<Int32>
  private let zeroPoints: Memory<Int32>?
  private let scale: Memory<Float>
  private let bias: Memory<Float>?
  private let residual: Memory<Float>?

  /// - Parameters:
  ///   - spaced: whether rows may have room between them.
  ///   - columnSums: sums of each output's weights, whole panels; nil where the kernel takes differences.
  ///   - rowSums: sums of each row of x; nil likewise.
  ///   - inputs: terms of each sum.
  init(
    rows: Int, outputs: Int, inputs: Int, columnSums: [Int32]?, rowSums: [Int32]?,
    residual takesResidual: Bool,
    spaced: Bool = true, _ source: inout ProblemSource
  ) {
    self.rows = rows
    self.outputs = outputs
    stride = outputs + (spaced ? source.gap() : 0)
    let quantize = source.choice(timed: true)
    floats = quantize ? nil : Memory(rows * stride)
    bytes = quantize ? Memory(rows * stride) : nil
    let padded = (outputs + 15) / 16 * 16
    self.columnSums = source.values(padded) { _ in 0 }
    for (n, sum) in (columnSums ?? []).enumerated() where n < padded { self.columnSums[n] = sum }
    self.rowSums = source.values(max(1, rows)) { _ in 0 }
    for (i, sum) in (rowSums ?? []).enumerated() { self.rowSums[i] = sum }
    zeroPoints = rowSums != nil && source.choice() ? source.integers(padded, in: -128...127) : nil
    scale = source.floats(padded, in: 0.001...0.01)
    bias = source.choice(timed: true) ? source.floats(outputs) : nil
    let residualStride = outputs + source.gap()
    residual = takesResidual && source.choice() ? source.floats(rows * residualStride) : nil
    let limited = source.choice()
    store = ck_integer_store(
      column_sums: self.columnSums.start, zero_points: zeroPoints.map { UnsafePointer($0.start) },
      row_sums: self.rowSums.start, scale: scale.start, bias: bias.map { UnsafePointer($0.start) },
      residual: residual.map { UnsafePointer($0.start) }, residual_stride: residualStride, x_scale: 0.02,
      lo: limited ? 0 : -.infinity, hi: limited ? 1.5 : .infinity, out_scale: 0.03,
      x_zero: Int32(source.integer(0...255)), k: Int32(inputs), out_zero: Int32(source.integer(0...255)),
      quantize: quantize ? 1 : 0)
  }

  var start: UnsafeMutableRawPointer {
    if let floats { return UnsafeMutableRawPointer(floats.start) }
    guard let bytes else { preconditionFailure("a tile has floats or bytes") }
    return UnsafeMutableRawPointer(bytes.start)
  }

  /// The largest error for `sums` as a kernel makes them, before column sums and zero points are taken off.
  func error(_ sums: (Int, Int) -> Int) -> Double {
    var worst = floats?.isIntact ?? true && bytes?.isIntact ?? true ? 0 : Double.infinity
    for row in 0..<rows {
      for n in 0..<stride {
        let at = row * stride + n
        guard n < outputs else {
          if !(floats?.isUntouched(at) ?? true && bytes?.isUntouched(at) ?? true) { worst = .infinity }
          continue
        }
        var sum = sums(row, n) - Int(store.x_zero) * Int(columnSums[n])
        if let zeroPoints {
          sum -= Int(zeroPoints[n]) * (Int(rowSums[row]) - Int(store.k) * Int(store.x_zero))
        }
        let product = Double(sum) * Double(scale[n] * store.x_scale)
        var v = product + Double(bias?[n] ?? 0) + Double(residual?[row * store.residual_stride + n] ?? 0)
        v = min(max(v, Double(store.lo)), Double(store.hi))
        if let floats {
          worst = max(worst, share(floats[at], v, allowed: 1e-6 * (1 + abs(product))))
        } else if let bytes {
          let exact = min(255, max(0, v / Double(store.out_scale) + Double(store.out_zero)))
          // A value close to the middle of two bytes may become either.
          worst = max(worst, abs(Double(bytes[at]) - exact) / 0.501)
        }
      }
    }
    return worst
  }
}
