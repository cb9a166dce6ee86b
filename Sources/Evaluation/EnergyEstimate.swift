import Compression
import Execution

extension EnergyModel {
  /// Joules of one run of a plan: its layers' multiply-accumulates, without the zeros that sparse kernels skip, and all
  /// stored weights read once.
  func joules(of plan: ModelPlan, model: CompressedModel) -> Double {
    var densities: [String: Double] = [:]
    for layer in model.layers where layer.size.parameters > 0 {
      for node in layer.nodes {
        densities[node] = Double(layer.size.nonzeros) / Double(layer.size.parameters)
      }
    }
    var macs: [ArithmeticKind: Double] = [:]
    for layer in plan.layers {
      let isSparse = layer.kernel.hasPrefix("sparse")
      let kind: ArithmeticKind = layer.kernel.hasPrefix("u8") ? .int8 : .float32
      macs[kind, default: 0] += Double(layer.macs) * (isSparse ? densities[layer.node] ?? 1 : 1)
    }
    return joules(macs: macs, weightBytes: model.size.bytes)
  }
}
