import GraphIR
import TensorCore

/// Turns what files say with nodes into weights: `DequantizeLinear` of constant codes into a quantized
/// weight, and the `Cast` that the writer puts behind a float16 weight into that weight. What else is constant is folded
/// once the model is read.
struct WeightFolding {
  /// By initializer name.
  let forms: [String: StoredForm]

  func folded(_ graph: Graph) -> Graph {
    var result = graph
    var candidates: Set<String> = []
    result.nodes = graph.nodes.filter { node in
      guard node.outputs.count == 1, let output = node.outputs.first, !output.isEmpty,
        result.initializers[output] == nil, let weight = weight(of: node, in: graph)
      else { return true }
      result.initializers[output] = weight
      candidates.formUnion(node.inputs)
      return false
    }
    guard !candidates.isEmpty else { return graph }
    // Only what folding left behind goes; an initializer that nothing ever read is the file's own affair.
    let read = result.droppingUnreadWeights().initializers
    result.initializers = result.initializers.filter { read[$0.key] != nil || !candidates.contains($0.key) }
    return result
  }

  private func weight(of node: Node, in graph: Graph) -> Weight? {
    switch node.kind {
    case "DequantizeLinear":
      node.dequantizedWeight(bits: node.input(0).flatMap { forms[$0]?.bits }) { name in
        guard case .dense(let tensor)? = graph.initializers[name] else { return nil }
        return tensor
      }.map { .quantized($0) }
    case "Cast": widened(node, graph).map { .dense($0) }
    default: nil
    }
  }

  private func widened(_ node: Node, _ graph: Graph) -> Tensor? {
    guard let name = node.input(0), forms[name]?.isWidened == true, node.int("to") == 1,
      case .dense(let tensor) = graph.initializers[name],
      tensor.dataType == .float16 || tensor.dataType == .bfloat16
    else { return nil }
    return tensor
  }
}
