/// Where a transposed convolution puts what each input pixel gives: input index i reaches the output places
/// i · stride + tap · dilation - pad.
package struct TransposedWindow: Hashable, Sendable {
  package struct Axis: Hashable, Sendable {
    package let input: Int
    package let output: Int
    package let kernel: Int
    package let stride: Int
    package let dilation: Int
    package let pad: Int

    package init(input: Int, output: Int, kernel: Int, stride: Int, dilation: Int, pad: Int) {
      self.input = input
      self.output = output
      self.kernel = kernel
      self.stride = stride
      self.dilation = dilation
      self.pad = pad
    }

    /// Whether every output place gets exactly one product, side by side.
    var isTiling: Bool {
      kernel == stride && dilation == 1 && pad == 0 && output == input * stride
    }

    /// The input indices whose product at `tap` falls inside the output.
    func inside(_ tap: Int) -> Range<Int> {
      let shift = pad - tap * dilation
      let first = shift <= 0 ? 0 : (shift + stride - 1) / stride
      let end = output + shift <= 0 ? 0 : min(input, (output + shift - 1) / stride + 1)
      return min(first, end)..<end
    }

    func place(_ index: Int, _ tap: Int) -> Int { index * stride + tap * dilation - pad }

    /// The input indices that reach output places `places`, those between them included.
    func reaching(_ places: Range<Int>) -> Range<Int> {
      let low = places.lowerBound + pad - (kernel - 1) * dilation
      let first = low <= 0 ? 0 : (low + stride - 1) / stride
      let end = places.isEmpty ? 0 : min(input, (places.upperBound - 1 + pad) / stride + 1)
      return min(first, end)..<end
    }
  }

  package let rows: Axis
  package let columns: Axis
  package let channels: Int
  package let outputs: Int

  package init(rows: Axis, columns: Axis, channels: Int, outputs: Int) {
    self.rows = rows
    self.columns = columns
    self.channels = channels
    self.outputs = outputs
  }

  /// What one input pixel gives: rows and columns of the kernel, outputs.
  package var patch: Int { rows.kernel * columns.kernel * outputs }
}
