import Kernels

/// What is known of a layer's kernel once it is chosen.
struct LayerRun {
  let kernel: KernelIdentity
  let weightBytes: Int
  let remark: KernelRemark?

  init(_ kernel: KernelIdentity, _ weightBytes: Int, _ remark: KernelRemark?) {
    self.kernel = kernel
    self.weightBytes = weightBytes
    self.remark = remark
  }

  init(_ selection: KernelSelection) {
    self.init(selection.identity, selection.kernel.weightBytes, selection.remark)
  }

  /// Groups of channels together; nil where there are none.
  init?(joining groups: [KernelSelection]) {
    guard let kernel = KernelIdentity(joining: groups.map(\.identity)) else { return nil }
    self.init(kernel, groups.reduce(0) { $0 + $1.kernel.weightBytes }, groups[0].remark)
  }

  func planned(_ layer: WeightLayer, name: String, biasBytes: Int = 0) -> PlannedLayer {
    PlannedLayer(
      node: name, kernel: kernel, rows: layer.rows, macs: layer.rows * layer.weights,
      weightBytes: weightBytes + biasBytes, remark: remark)
  }
}
