import GraphIR

/// x/2 (1 + erf(x / sqrt 2)), as exporters write GELU out in five nodes, becomes one (Hendrycks and Gimpel,
/// arXiv:1606.08415).
struct FuseGelu: SimplificationPass {
  func apply(to editor: inout GraphEditor) throws {
    let pattern = NodePattern(editor)
    for index in editor.graph.nodes.indices where editor.graph.nodes[index].kind == "Erf" {
      guard let found = match(index, pattern), editor.types[found.input]?.dataType == .float32,
        editor.types[found.input] == pattern.soleOutput(found.last).flatMap({ editor.types[$0] })
      else { continue }
      editor.graph.nodes[found.last].kind = "Gelu"
      editor.graph.nodes[found.last].inputs = [found.input]
      editor.graph.nodes[found.last].attributes = [:]
    }
  }

  private func match(_ erf: Int, _ pattern: NodePattern) -> (input: String, last: Int)? {
    guard let scaled = pattern.producer(pattern.node(erf).input(0), ["Div", "Mul"]),
      pattern.onlyReader(scaled, ["Erf"]) == erf, let input = unscaled(scaled, pattern),
      let sum = pattern.onlyReader(erf, ["Add"]), pattern.takes(sum, pattern.node(erf).outputs[0], with: 1),
      let product = pattern.onlyReader(sum, ["Mul"]),
      let other = pattern.other(product, than: pattern.node(sum).outputs[0])
    else { return nil }
    if other == input {
      // (x (erf + 1)) / 2
      guard let half = pattern.onlyReader(product, ["Mul"]),
        pattern.takes(half, pattern.node(product).outputs[0], with: 0.5)
      else { return nil }
      return (input, half)
    }
    if let half = pattern.producer(other, ["Mul"]), pattern.takes(half, input, with: 0.5) {
      // (x / 2) (erf + 1)
      return (input, product)
    }
    // x ((erf + 1) / 2)
    guard pattern.takes(product, pattern.node(sum).outputs[0], with: 0.5),
      let last = pattern.onlyReader(product, ["Mul"]),
      pattern.other(last, than: pattern.node(product).outputs[0]) == input
    else { return nil }
    return (input, last)
  }

  /// What is divided by the root of 2.
  private func unscaled(_ index: Int, _ pattern: NodePattern) -> String? {
    let node = pattern.node(index)
    let root = Float(2).squareRoot()
    if node.kind == "Div" {
      return node.inputs.count == 2 && pattern.takes(index, node.inputs[0], with: root) ? node.inputs[0] : nil
    }
    return node.inputs.first { pattern.takes(index, $0, with: 1 / root) }
  }
}
