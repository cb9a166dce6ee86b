import GraphIR

/// x HardSigmoid(x), or x clip(x + 3, 0, 6) / 6, as exporters write HardSwish out, becomes one node (Howard et al.,
/// arXiv:1905.02244).
struct FuseHardSwish: GraphPass {
  let label = "fuse HardSwish"

  func run(_ builder: inout GraphBuilder) throws {
    let base = builder.base
    let pattern = builder.neighbours()
    for index in base.graph.nodes.indices {
      guard let found = match(index, pattern), base.types[found.input]?.dataType == .float32,
        base.types[found.input] == pattern.soleOutput(found.last).flatMap({ base.types[$0] })
      else { continue }
      builder.edit(pattern.node(found.last).name) { node in
        node.kind = "HardSwish"
        node.inputs = [found.input]
        node.attributes = [:]
      }
    }
  }

  private func match(_ index: Int, _ pattern: NodePattern) -> (input: String, last: Int)? {
    let node = pattern.node(index)
    guard node.kind == "HardSigmoid" else { return node.kind == "Clip" ? clipped(index, pattern) : nil }
    guard abs((node.float("alpha") ?? 0.2) - 1 / 6) < 1e-5, (node.float("beta") ?? 0.5) == 0.5,
      let input = node.input(0), let product = pattern.onlyReader(index, ["Mul"]),
      pattern.other(product, than: node.outputs[0]) == input
    else { return nil }
    return (input, product)
  }

  /// From clip(x + 3, 0, 6) on: times x and divided by 6, in either order.
  private func clipped(_ clip: Int, _ pattern: NodePattern) -> (input: String, last: Int)? {
    let node = pattern.node(clip)
    let low = node.float("min") ?? pattern.base.scalar(node.input(1))
    let high = node.float("max") ?? pattern.base.scalar(node.input(2))
    guard low == 0, high == 6, let sum = pattern.producer(node.input(0), ["Add"]),
      pattern.onlyReader(sum, ["Clip"]) == clip,
      let input = pattern.node(sum).inputs.first(where: { pattern.takes(sum, $0, with: 3) }),
      let first = pattern.onlyReader(clip, ["Mul", "Div"])
    else { return nil }
    if pattern.node(first).kind == "Mul", pattern.other(first, than: node.outputs[0]) == input {
      guard let last = pattern.onlyReader(first, ["Mul", "Div"]),
        dividesBySix(last, pattern.node(first).outputs[0], pattern)
      else { return nil }
      return (input, last)
    }
    guard dividesBySix(first, node.outputs[0], pattern), let last = pattern.onlyReader(first, ["Mul"]),
      pattern.other(last, than: pattern.node(first).outputs[0]) == input
    else { return nil }
    return (input, last)
  }

  private func dividesBySix(_ index: Int, _ name: String, _ pattern: NodePattern) -> Bool {
    if pattern.node(index).kind == "Div" {
      return pattern.node(index).input(0) == name && pattern.takes(index, name, with: 6)
    }
    return pattern.takes(index, name, with: 1 / 6)
  }
}
