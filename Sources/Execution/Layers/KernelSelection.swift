import Kernels

/// The kernel for one layer, and why it is not faster.
struct KernelSelection {
  let kernel: LayerKernel
  var remark: KernelRemark?
  /// The form it was chosen in, in which parts of the layer are made as well.
  var form = MatrixForm.dense

  var identity: KernelIdentity { kernel.identity }

  /// Whether it multiplies from single weights with their places.
  var isSparse: Bool { if case .sparse = identity.storage { true } else { false } }

  /// Whether it multiplies every weight as a float.
  var isDenseFloat: Bool { identity.storage == .dense(.float32) }
}
