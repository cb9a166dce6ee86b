import GraphIR
import TensorCore

extension OperatorRegistry {
  /// What a node gives on constants: the one place where values are computed ahead of a run, for types that depend on them
  /// and for graphs whose constants are folded.
  /// - Parameters:
  ///   - node: of any kind that is known.
  ///   - opset: of the node's domain.
  ///   - constants: one per input; nil where it is omitted.
  /// - Throws: `OperatorError`, also where only a run could tell.
  package func evaluate(_ node: Node, opset: Int, constants: [Tensor?]) throws -> [Tensor?] {
    let call = OperatorCall(
      node: node, opset: opset, inputs: constants.map { $0.map { .tensor($0) } }, table: .for(.portable)
    ) { _, _ in throw OperatorError.knownWhenRun(kind: node.kind, node: node.name) }
    return try find(node, opset: opset).evaluate(call).map { $0?.tensor }
  }
}
