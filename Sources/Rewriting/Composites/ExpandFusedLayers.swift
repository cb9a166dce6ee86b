import GraphIR
import Operators

/// Layers that ONNX Runtime's optimizer fused with what stands behind them are taken apart when a model is opened, so that
/// compression sees them: plans fuse them anew, whatever form the weight has by then.
struct ExpandFusedLayers: GraphPass {
  let label = "expand fused layers"

  /// Their compositions hold for any size of the inputs.
  private static let kinds: Set<OperatorKind> = [
    .runtime("FusedConv"), .runtime("FusedGemm"), .runtime("FusedMatMul"), .runtime("TransposeMatMul"),
  ]
  /// The operator set from which on the parts are what `Composition` means by them; all others mean it in any.
  private static let lowestOpsets: [OperatorKind: Int] = ["Clip": 11, "HardSwish": 14]

  func run(_ builder: inout GraphBuilder) throws {
    let candidates = builder.graph.nodes.filter { node in
      ExpandFusedLayers.kinds.contains(node.kind) && builder.weight(node.input(1)) != nil
    }
    // Types are only worth finding where something asks for them.
    guard !candidates.isEmpty, let types = try? GraphTypes.inferUnderSmallNumbers(builder.graph).types
    else { return }
    let opset = builder.graph.opset
    for node in candidates {
      // What cannot be taken apart is left to the plan, which tells what is wrong.
      guard let member = builder.registry.composite(node.kind),
        let composition = try? builder.composition(
          of: node, member,
          types: { name in
            guard let type = types[name] else {
              throw OperatorError.undefinedValue(name: name, node: node.name)
            }
            return type
          }),
        composition.steps.allSatisfy({ opset >= ExpandFusedLayers.lowestOpsets[$0.kind] ?? 0 })
      else { continue }
      builder.replace(node, by: composition, keepsOpset: true)
    }
  }
}
