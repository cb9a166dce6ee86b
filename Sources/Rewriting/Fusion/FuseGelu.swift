import GraphIR

/// x/2 (1 + erf(x / sqrt 2)), or its approximation x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))), as exporters write GELU
/// out in many nodes, becomes one (Hendrycks and Gimpel, arXiv:1606.08415).
struct FuseGelu: GraphPass {
  let label = "fuse GELU"

  func run(_ builder: inout GraphBuilder) throws {
    let base = builder.base
    let pattern = builder.neighbours()
    for index in base.graph.nodes.indices {
      guard let found = match(index, pattern), base.types[found.input]?.dataType == .float32,
        base.types[found.input] == pattern.soleOutput(found.last).flatMap({ base.types[$0] })
      else { continue }
      let isApproximate = pattern.node(index).kind == "Tanh"
      builder.edit(pattern.node(found.last).name) { node in
        node.kind = "Gelu"
        node.inputs = [found.input]
        node.attributes = isApproximate ? ["approximate": .string("tanh")] : [:]
      }
    }
  }

  private func match(_ index: Int, _ pattern: NodePattern) -> (input: String, last: Int)? {
    let input: String?
    switch pattern.node(index).kind {
    case "Erf": input = unscaled(index, pattern)
    case "Tanh": input = cubed(index, pattern)
    default: return nil
    }
    guard let input, let last = last(index, input, pattern) else { return nil }
    return (input, last)
  }

  /// The node that completes x/2 (1 + f), from f on.
  private func last(_ function: Int, _ input: String, _ pattern: NodePattern) -> Int? {
    guard let sum = pattern.onlyReader(function, ["Add"]),
      pattern.takes(sum, pattern.node(function).outputs[0], with: 1),
      let product = pattern.onlyReader(sum, ["Mul"]),
      let other = pattern.other(product, than: pattern.node(sum).outputs[0])
    else { return nil }
    if other == input {
      // (x (f + 1)) / 2
      guard let half = pattern.onlyReader(product, ["Mul"]),
        pattern.takes(half, pattern.node(product).outputs[0], with: 0.5)
      else { return nil }
      return half
    }
    // (x / 2) (f + 1)
    if let half = pattern.producer(other, ["Mul"]), pattern.takes(half, input, with: 0.5) { return product }
    // x ((f + 1) / 2)
    guard pattern.takes(product, pattern.node(sum).outputs[0], with: 0.5),
      let last = pattern.onlyReader(product, ["Mul"]),
      pattern.other(last, than: pattern.node(product).outputs[0]) == input
    else { return nil }
    return last
  }

  /// What is divided by the root of 2 before erf.
  private func unscaled(_ erf: Int, _ pattern: NodePattern) -> String? {
    guard let index = pattern.producer(pattern.node(erf).input(0), ["Div", "Mul"]),
      pattern.onlyReader(index, ["Erf"]) == erf
    else { return nil }
    let node = pattern.node(index)
    let root = Float(2).squareRoot()
    if node.kind == "Div" {
      return node.inputs.count == 2 && pattern.takes(index, node.inputs[0], with: root) ? node.inputs[0] : nil
    }
    return node.inputs.first { pattern.takes(index, $0, with: 1 / root) }
  }

  /// x of sqrt(2/pi) (x + 0.044715 x^3), x^3 as a power or as products, before tanh.
  private func cubed(_ tanh: Int, _ pattern: NodePattern) -> String? {
    guard let scaled = pattern.producer(pattern.node(tanh).input(0), ["Mul"]),
      pattern.onlyReader(scaled, ["Tanh"]) == tanh,
      let sum = pattern.node(scaled).inputs.lazy.compactMap({ pattern.producer($0, ["Add"]) }).first,
      pattern.onlyReader(sum, ["Mul"]) == scaled,
      pattern.takes(scaled, pattern.node(sum).outputs[0], with: (2 / Float.pi).squareRoot())
    else { return nil }
    for input in pattern.node(sum).inputs {
      guard let term = pattern.producer(pattern.other(sum, than: input), ["Mul"]),
        pattern.onlyReader(term, ["Add"]) == sum,
        let cube = pattern.node(term).inputs.lazy.compactMap({ pattern.producer($0, ["Pow", "Mul"]) }).first,
        pattern.onlyReader(cube, ["Mul"]) == term,
        pattern.takes(term, pattern.node(cube).outputs[0], with: 0.044715), isCube(cube, of: input, pattern)
      else { continue }
      return input
    }
    return nil
  }

  private func isCube(_ index: Int, of input: String, _ pattern: NodePattern) -> Bool {
    let node = pattern.node(index)
    if node.kind == "Pow" { return node.inputs.first == input && pattern.takes(index, input, with: 3) }
    guard let square = pattern.producer(pattern.other(index, than: input), ["Mul", "Pow"]) else {
      return false
    }
    let inner = pattern.node(square)
    return inner.kind == "Pow"
      ? inner.inputs.first == input && pattern.takes(square, input, with: 2) : inner.inputs == [input, input]
  }
}
