import GraphIR

/// All operators a program knows, by kind: an immutable value built from lists by family.
package struct OperatorRegistry: Sendable {
  private let operators: [OperatorKind: any Operator]

  /// A later operator of the same kind takes the place of an earlier one.
  package init(families: [[any Operator]]) {
    var operators: [OperatorKind: any Operator] = [:]
    for member in families.joined() {
      for kind in member.kinds { operators[kind] = member }
    }
    self.operators = operators
  }

  /// Every kind that can be found.
  package var kinds: Set<OperatorKind> { Set(operators.keys) }

  package subscript(kind: OperatorKind) -> (any Operator)? { operators[kind] }

  /// The operator that serves `node`.
  /// - Parameters:
  ///   - node: looked up by its kind.
  ///   - opset: of the node's domain, for the error's text.
  /// - Throws: `OperatorError.unsupported`.
  package func find(_ node: Node, opset: Int) throws -> any Operator {
    guard let found = operators[node.kind] else {
      throw OperatorError.unsupported(kind: node.kind, node: node.name, opset: opset)
    }
    return found
  }

  /// How many nodes of a graph, and of those nested in it, are of each kind that no operator serves.
  package func unknown(in graph: Graph) -> [OperatorKind: Int] {
    graph.nodes.reduce(into: [:]) { counts, node in
      if operators[node.kind] == nil { counts[node.kind, default: 0] += 1 }
      for body in node.bodies { counts.merge(unknown(in: body), uniquingKeysWith: +) }
    }
  }

  /// Whether the elements of a node's output are elements of its first input.
  package func picks(_ node: Node) -> Bool { promises(of: node.kind).contains(.picks) }

  /// What is promised of every node of a kind; nothing of one that is not known.
  package func promises(of kind: OperatorKind) -> OperatorPromises {
    operators[kind]?.traits(of: kind).promises ?? []
  }
}

extension Graph {
  /// The version of the operator set that `kind` belongs to; 1 for a domain that the file does not import.
  package func opset(of kind: OperatorKind) -> Int {
    kind.domain.isEmpty ? opset : opsets[kind.domain] ?? 1
  }

  /// The version of the operator set whose rules a node follows.
  package func opset(of node: Node) -> Int { node.opset ?? opset(of: node.kind) }
}
