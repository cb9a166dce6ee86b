import Compression
import Execution
import Kernels

extension EnergyModel {
  /// Joules of one run of a plan: its layers' multiply-accumulates, without the zeros that kernels leave out, and all
  /// weights read once, those of its layers in the form that runs.
  package func joules(of plan: ModelPlan, model: CompressedModel) -> Double {
    var macs: [ArithmeticKind: Double] = [:]
    for layer in plan.layers {
      macs[ArithmeticKind(layer.kernel.arithmetic), default: 0] += Double(layer.macs) * layer.executedShare
    }
    return joules(macs: macs, weightBytes: model.bytesRead(by: plan))
  }
}

extension ArithmeticKind {
  fileprivate init(_ arithmetic: KernelIdentity.Arithmetic) {
    switch arithmetic {
    case .float32: self = .float32
    case .int8: self = .int8
    }
  }
}

extension CompressedModel {
  /// Bytes of weights that one run of `plan` reads: of layers that a kernel runs what that holds, of all else what is
  /// stored.
  fileprivate func bytesRead(by plan: ModelPlan) -> Int {
    let kernels = Dictionary(plan.layers.map { ($0.node, $0.weightBytes) }, uniquingKeysWith: +)
    return layers.reduce(size.bytes) { bytes, layer in
      let own = layer.nodes.compactMap { kernels[$0] }
      return own.isEmpty ? bytes : bytes - layer.size.bytes + own.reduce(0, +)
    }
  }
}
