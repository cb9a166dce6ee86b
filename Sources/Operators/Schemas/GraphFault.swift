import GraphIR

/// What is wrong with a graph that was to be written: the node at fault and what of it.
package struct GraphFault: Error, Equatable, CustomStringConvertible {
  /// Empty where no single node is at fault.
  package let node: String
  package let kind: OperatorKind?
  package let reason: String

  package init(_ node: Node, _ reason: String) {
    self.node = node.name
    kind = node.kind
    self.reason = reason
  }

  package init(_ reason: String) {
    node = ""
    kind = nil
    self.reason = reason
  }

  package var description: String {
    kind.map { "node \"\(node)\" (\($0)): \(reason)" } ?? reason
  }
}
