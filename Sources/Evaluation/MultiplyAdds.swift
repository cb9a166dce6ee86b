import Compression
import Execution
import GraphIR
import Gradients
import Operators
import Rewriting
import TensorCore

/// Multiply-adds of one sample, exact for the graph as it is.
///
/// Each operator says what its nodes count (`MultiplyAddCount`), as their shapes say: removed channels and factor pairs as
/// they are, zeros of unstructured pruning and of padding in full, masked keys too.
package enum MultiplyAdds {
  /// Multiply-adds of each node in one run on `inputs`; nodes that only depend on constants are left out.
  /// - Returns: nil where only a run can tell the shapes, or where an operator has no count.
  package static func byNode(_ graph: Graph, inputs: [String: Tensor]) -> [String: Int]? {
    let dimensions = ShapeInference.dimensions(of: graph, from: inputs)
    guard
      let known = try? GraphTypes.infer(
        graph, dimensions: dimensions, prepare: { try GradientExpansion.expanded($0, dimensions: $1) })
    else { return nil }
    var counts: [String: Int] = [:]
    for node in graph.nodes where !known.foldedNodes.contains(node.name) {
      let member = try? OperatorRegistry.standard.find(node, opset: graph.opset(of: node))
      switch member?.traits(of: node.kind).cost.multiplyAdds {
      case .zero?: continue
      case .counted(let rule)?:
        let shapes = { (names: [String]) in names.map { known.types[$0]?.shape } }
        let count = rule(NodeShapes(node: node, inputs: shapes(node.inputs), outputs: shapes(node.outputs)))
        guard let count else { return nil }
        counts[node.name, default: 0] += count
      case .uncounted?, nil: return nil
      }
    }
    return counts
  }
}

extension OperationReading {
  /// Of a graph and its original, per sample; nil where one of them cannot be counted ahead of a run.
  /// - Parameters:
  ///   - counts, original: of one run, by node.
  ///   - samples: how many samples a run takes.
  package init?(_ counts: [String: Int]?, original: [String: Int]?, plan: ModelPlan, samples: Int) {
    guard let original, let counts else { return nil }
    let shares = Dictionary(
      plan.layers.map { ($0.node, $0.executedShare) }, uniquingKeysWith: { first, _ in first })
    let samples = max(1, samples)
    let total = counts.values.reduce(0, +)
    let executed = counts.reduce(0.0) { $0 + Double($1.value) * (shares[$1.key] ?? 1) }
    self.init(
      macs: total / samples, originalMacs: original.values.reduce(0, +) / samples,
      executedMacs: Int((executed / Double(samples)).rounded()))
  }
}
