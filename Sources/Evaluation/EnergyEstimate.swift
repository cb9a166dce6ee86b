import Compression
import Execution

extension EnergyModel {
  /// Joules of one run of a plan: its layers' multiply-accumulates, without the zeros that sparse kernels skip, and all
  /// stored weights read once.
  func joules(of plan: ModelPlan, model: CompressedModel) -> Double {
    let densities = SparseDensities(of: plan, model: model)
    var macs: [ArithmeticKind: Double] = [:]
    for layer in plan.layers {
      let kind: ArithmeticKind = layer.kernel.hasPrefix("u8") ? .int8 : .float32
      macs[kind, default: 0] += Double(layer.macs) * (densities[layer.node] ?? 1)
    }
    return joules(macs: macs, weightBytes: model.size.bytes)
  }
}
