import GraphIR

/// The experimental operators that went away with 10, as the operators that say the same.
extension OpsetUpgrade {
  static let affine = Rule(["Affine"], opset: 10) { node, context in
    OpsetUpgrade.chain(
      node,
      [
        ("Mul", [context.constant(node.float("alpha") ?? 1, for: node, "alpha")]),
        ("Add", [context.constant(node.float("beta") ?? 0, for: node, "beta")]),
      ], &context)
  }

  static let scale = Rule(["Scale"], opset: 10) { node, context in
    OpsetUpgrade.chain(
      node, [("Mul", [context.constant(node.float("scale") ?? 1, for: node, "scale")])], &context)
  }

  /// alpha f(beta x).
  static let scaledFunction = Rule(["ScaledTanh", "ParametricSoftplus"], opset: 10) { node, context in
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

  static let imageScaler = Rule(["ImageScaler"], opset: 10) { node, context in
    let bias = node.floats("bias") ?? []
    return OpsetUpgrade.chain(
      node,
      [
        ("Mul", [context.constant(node.float("scale") ?? 1, for: node, "scale")]),
        ("Add", [context.constant(bias, shape: [bias.count, 1, 1], for: node, "bias")]),
      ], &context)
  }

  static let crop = Rule(["Crop"], opset: 10) { node, context in
    let size = node.ints("scale")
    let border = node.ints("border") ?? (size == nil ? [] : [0, 0, 0, 0])
    guard border.count == 4, size?.count ?? 2 == 2 else {
      throw context.refusal(node, "its borders are not left, top, right and bottom")
    }
    let starts = [border[1], border[0]]
    // What ends where the image does is given a place behind any image's end.
    let ends =
      size.map { [border[1] + $0[0], border[0] + $0[1]] }
      ?? [border[3], border[2]].map { $0 == 0 ? Int(Int32.max) : -$0 }
    let lists = [(starts, "starts"), (ends, "ends"), ([2, 3], "axes")]
    return OpsetUpgrade.chain(
      node, [("Slice", lists.map { context.constant($0.0, for: node, $0.1) })], &context)
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
