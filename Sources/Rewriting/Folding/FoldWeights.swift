import GraphIR
import Operators
import TensorCore

/// Computes what stands between a constant and its readers when a model is opened: a weight that is transposed, reshaped,
/// cast or passed through is that weight. What else is constant stays, so that it is written again as it was read.
struct FoldWeights: GraphPass {
  let label = "fold weights"
  /// What one turn folds may stand before another Identity.
  let repeats = true

  /// Besides those that pick elements.
  private static let kinds: Set<OperatorKind> = ["Cast", "CastLike", "Concat", "Neg", "QuantizeLinear"]

  func run(_ builder: inout GraphBuilder) throws {
    passIdentities(&builder)
    if builder.patch.isEmpty { fold(&builder) }
  }

  private func fold(_ builder: inout GraphBuilder) {
    let readers = builder.graph.readCounts
    builder.rewrite { node, builder in
      guard FoldWeights.kinds.contains(node.kind) || builder.registry.picks(node),
        let output = node.outputs.first, !output.isEmpty,
        node.outputs.count == 1, !builder.pinned.contains(output), let input = node.input(0),
        let weight = builder.weight(input), weight.dataType.isFloatingPoint, weight.shape.count > 1,
        // A copy of a weight that others read too would be a second weight.
        readers[input] == 1, let folded = folded(node, weight, builder)
      else { return nil }
      builder.set(folded, named: output)
      return []
    }
  }

  /// What an Identity only gives another name goes by its first.
  private func passIdentities(_ builder: inout GraphBuilder) {
    for node in builder.graph.nodes where node.kind == "Identity" {
      guard let input = node.input(0), let output = node.outputs.first, !builder.pinned.contains(output),
        case let source = builder.target(of: input), builder.weight(source) != nil
      else { continue }
      builder.redirect(output, to: source)
      builder.remove(node.name)
    }
  }

  private func folded(_ node: Node, _ weight: Weight, _ builder: GraphBuilder) -> Weight? {
    if case .quantized(let tensor) = weight { return quantized(node, tensor) }
    let constants = node.inputs.map { builder.dense($0) }
    guard zip(node.inputs, constants).allSatisfy({ $0.isEmpty || $1 != nil }),
      // What cannot be folded is left to the run, which tells what is wrong.
      let results = try? builder.registry.evaluate(
        node, opset: builder.graph.opset(of: node), constants: constants),
      let tensor = results.first ?? nil
    else { return nil }
    return .dense(tensor)
  }

  /// Codes that are transposed take their scales along.
  private func quantized(_ node: Node, _ tensor: QuantizedTensor) -> Weight? {
    guard node.kind == "Transpose", node.ints("perm") ?? [1, 0] == [1, 0] else { return nil }
    return tensor.transposed.map { .quantized($0) }
  }
}
