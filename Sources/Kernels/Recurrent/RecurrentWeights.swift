/// A direction's weights, packed once for all runs.
package final class RecurrentWeights: Sendable {
  private let memory: AlignedBuffer<Float>
  private let layout: RecurrentLayout
  /// The input's weights.
  private let product: DenseMatrix

  /// - Parameter pack: writes the layout's floats.
  package init(_ layout: RecurrentLayout, table: KernelTable, pack: (UnsafeMutablePointer<Float>) -> Void) {
    let all = AlignedBuffer<Float>(zeros: layout.count)
    pack(all.start)
    self.layout = layout
    product = DenseMatrix(
      weights: UnsafeBufferPointer(
        start: all.start + layout.inputWeights, count: layout.sums * layout.inputs),
      outputs: layout.sums, inputs: layout.inputs, table: table)
    memory = AlignedBuffer(zeros: layout.inputWeights)
    memory.start.update(from: all.start, count: layout.inputWeights)
  }

  /// What `RecurrentCell.step` reads; valid as long as this is.
  package var start: UnsafePointer<Float> { UnsafePointer(memory.start) }

  package func scratchBytes(rows: Int) -> Int { product.scratchBytes(rows: rows) }

  /// The sums of `rows` rows of the input, biases added.
  package func sums(
    rows: Int, x: UnsafePointer<Float>, into sums: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutableRawPointer
  ) {
    product.multiply(
      rows: rows, x: x, ldx: layout.inputs, y: sums, ldy: layout.sums,
      epilogue: Epilogue(bias: start + layout.bias),
      scratch: scratch)
  }
}
