import Kernels

/// How one weight layer runs.
package struct PlannedLayer: Sendable, Hashable {
  /// The layer's name: its node's.
  package let node: String
  /// Of groups of channels the first one's, with what all of them have in common.
  package let kernel: KernelIdentity
  /// Rows of the matrix product: samples, positions or output pixels.
  package let rows: Int
  /// Multiply-accumulates of one run, zeros included.
  package let macs: Int
  /// Bytes that one run reads of weights and bias, as the kernel keeps them.
  package let weightBytes: Int
  /// Why it is not faster, where there is a reason.
  package let remark: KernelRemark?

  /// The share of multiply-accumulates that are carried out: all but those by zeros that the kernel leaves out.
  package var executedShare: Double { 1 - (kernel.storage.skipped ?? 0) }
}
