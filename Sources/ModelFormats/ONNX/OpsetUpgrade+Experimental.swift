import GraphIR

/// The experimental operators that went away with 10, as the operators that say the same.
extension OpsetUpgrade {
  static let affine: Rule = { node, context in
    OpsetUpgrade.chain(
      node,
      [
        ("Mul", [context.constant(node.float("alpha") ?? 1, for: node, "alpha")]),
        ("Add", [context.constant(node.float("beta") ?? 0, for: node, "beta")]),
      ], &context)
  }

  static let scale: Rule = { node, context in
    OpsetUpgrade.chain(
      node, [("Mul", [context.constant(node.float("scale") ?? 1, for: node, "scale")])], &context)
  }

  /// alpha f(beta x).
  static let scaledFunction: Rule = { node, context in
    guard let alpha = node.float("alpha"), let beta = node.float("beta") else {
      throw context.refusal(node, "its alpha or beta is missing")
    }
    return OpsetUpgrade.chain(
      node,
      [
        ("Mul", [context.constant(beta, for: node, "beta")]),
        (node.kind == "ScaledTanh" ? "Tanh" : "Softplus", []),
        ("Mul", [context.constant(alpha, for: node, "alpha")]),
      ], &context)
  }

  /// Nodes in a row from the node's input to its output, each of the value before it and constants.
  private static func chain(
    _ node: Node, _ steps: [(OperatorKind, [String])], _ context: inout OpsetUpgradeContext
  ) -> [Node] {
    var value = node.inputs.first ?? ""
    return steps.enumerated().map { index, step in
      let isLast = index == steps.count - 1
      let name = isLast ? node.name : context.names.fresh("\(node.name)/\(step.0.type)")
      let output = isLast ? node.outputs.first ?? "" : context.names.fresh("\(name)/value")
      defer { value = output }
      return Node(
        name: name, kind: step.0, inputs: [value] + step.1, outputs: [output])
    }
  }
}
