import CKernels

/// A transposed convolution of one float image in NHWC order: what some rows of pixels give is one product, which is then
/// added where it belongs. Where the kernel is as large as the stride nothing is added, and products write the output.
package final class TransposedConvolution: Sendable {
  package let window: TransposedWindow
  /// One for each kernel row where products write the output, else one for all.
  private let products: [DenseMatrix]
  /// An output row of biases where products are added, else those of one pixel's columns.
  private let bias: AlignedBuffer<Float>
  private let activation: FusedActivation
  /// Rows of input whose products are made together. Cuts for threads lie anywhere and sums are the same: whole blocks are
  /// multiplied.
  private let blockRows: Int
  private let vector: VectorTable

  private var isTiling: Bool { window.rows.isTiling && window.columns.isTiling }

  /// - Parameters:
  ///   - weights: [channels, outputs, kernel rows, kernel columns].
  ///   - bias: one per output, or empty.
  package init(
    weights: UnsafeBufferPointer<Float>, bias: [Float], window: TransposedWindow, activation: FusedActivation,
    table: KernelTable
  ) {
    precondition(weights.count == window.channels * window.patch, "weights are [channels, outputs, kernel]")
    precondition(bias.isEmpty || bias.count == window.outputs, "one bias per output")
    self.window = window
    self.activation = activation
    vector = table.vector
    let (taps, columns, outputs) = (
      window.rows.kernel * window.columns.kernel, window.columns.kernel, window.outputs
    )
    // Rows of the product: kernel row, kernel column, output.
    let turned = AlignedBuffer<Float>(zeros: weights.count)
    for channel in 0..<window.channels {
      for output in 0..<outputs {
        for tap in 0..<taps {
          turned.start[(tap * outputs + output) * window.channels + channel] =
            weights[(channel * outputs + output) * taps + tap]
        }
      }
    }
    let tiles = window.rows.isTiling && window.columns.isTiling
    let parts = tiles ? window.rows.kernel : 1
    let each = window.patch / parts
    products = (0..<parts).map { part in
      DenseMatrix(
        weights: UnsafeBufferPointer(
          start: turned.start + part * each * window.channels, count: each * window.channels),
        outputs: each, inputs: window.channels, table: table)
    }
    let repeats = tiles ? columns : window.columns.output
    self.bias = AlignedBuffer(zeros: repeats * outputs)
    for (index, value) in bias.enumerated() {
      for place in 0..<repeats { self.bias.start[place * outputs + index] = value }
    }
    // About a quarter of a second-level cache.
    let rowFloats = max(1, window.columns.input * window.patch)
    blockRows = tiles ? 1 : max(1, min(window.rows.input, (64 << 10) / rowFloats))
  }

  package var identity: KernelIdentity { products[0].identity }
  package var packedBytes: Int { products.reduce(0) { $0 + $1.packedBytes } }
  /// Rows of output that parts of a run repeat at each cut, as a share of all.
  package var overlap: Double {
    isTiling ? 0 : Double(blockRows * window.rows.stride) / Double(max(1, window.rows.output))
  }

  private var sumBytes: Int {
    isTiling ? 0 : Panels.roundUp(blockRows * window.columns.input * window.patch * 4, 64)
  }
  /// Bytes of scratch a run needs.
  package var scratchBytes: Int {
    let last = window.rows.input % blockRows
    return sumBytes
      + [blockRows, last].filter { $0 > 0 }.map { products[0].scratchBytes(rows: $0 * window.columns.input) }
      .reduce(0, max)
  }

  /// Rows `outputRows` of y [rows, columns, outputs], which starts at row 0; x and y lie densely.
  /// - Parameter scratch: `scratchBytes` bytes, 64-byte aligned, used by no one else meanwhile.
  package func run(
    x: UnsafePointer<Float>, y: UnsafeMutablePointer<Float>, outputRows: Range<Int>,
    scratch: UnsafeMutableRawPointer
  ) {
    if isTiling {
      tile(x, y, outputRows, scratch)
    } else {
      add(x, y, outputRows, scratch)
    }
  }

  private var inputRow: Int { window.columns.input * window.channels }
  private var outputRow: Int { window.columns.output * window.outputs }

  private func tile(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ outputRows: Range<Int>,
    _ scratch: UnsafeMutableRawPointer
  ) {
    let width = products[0].outputs
    for row in outputRows {
      let (from, part) = row.quotientAndRemainder(dividingBy: window.rows.stride)
      products[part].multiply(
        rows: window.columns.input, x: x + from * inputRow, ldx: window.channels, y: y + row * outputRow,
        ldy: width, epilogue: Epilogue(bias: UnsafePointer(bias.start), activation: activation),
        scratch: scratch)
    }
  }

  private func add(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ outputRows: Range<Int>,
    _ scratch: UnsafeMutableRawPointer
  ) {
    let sums = scratch.assumingMemoryBound(to: Float.self)
    let axis = window.rows
    let needed = axis.reaching(outputRows)
    // Rows up to these hold biases, and are finished.
    var (begun, done) = (outputRows.lowerBound, outputRows.lowerBound)
    func begin(before end: Int) {
      while begun < min(end, outputRows.upperBound) {
        (y + begun * outputRow).update(from: bias.start, count: outputRow)
        begun += 1
      }
    }
    func finish(before end: Int) {
      let end = min(end, outputRows.upperBound)
      guard done < end, activation != .none else { return }
      let rows = y + done * outputRow
      let (low, high) = activation.bounds
      vector.kernels.pointee.f32_clip((end - done) * outputRow, rows, low, high, rows)
      done = end
    }
    var block = needed.lowerBound / blockRows * blockRows
    while block < needed.upperBound {
      let end = min(axis.input, block + blockRows)
      products[0].multiply(
        rows: (end - block) * window.columns.input, x: x + block * inputRow, ldx: window.channels, y: sums,
        ldy: window.patch, epilogue: Epilogue(), scratch: scratch + sumBytes)
      // Rows that a short kernel leaves out are finished with the others.
      begin(before: max(axis.place(end - 1, axis.kernel - 1) + 1, axis.place(end, 0)))
      for row in block..<end {
        for tap in 0..<axis.kernel {
          let to = axis.place(row, tap)
          guard outputRows.contains(to) else { continue }
          addRow(
            sums + ((row - block) * window.columns.input * axis.kernel + tap) * window.columns.kernel
              * window.outputs,
            to: y + to * outputRow)
        }
      }
      finish(before: axis.place(end, 0))
      block = end
    }
    begin(before: outputRows.upperBound)
    finish(before: outputRows.upperBound)
  }

  /// What a row of pixels gives in one row of the kernel, added to a row of the output.
  private func addRow(_ sums: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>) {
    let axis = window.columns
    for tap in 0..<axis.kernel {
      let inside = axis.inside(tap)
      guard !inside.isEmpty else { continue }
      vector.kernels.pointee.f32_add_rows(
        inside.count, window.outputs, sums + inside.lowerBound * window.patch + tap * window.outputs,
        window.patch, y + axis.place(inside.lowerBound, tap) * window.outputs, axis.stride * window.outputs)
    }
  }
}
