import GraphIR
import Operators
import Rewriting
import TensorCore

/// softmax(scale · Q Kᵀ + mask) V with the nodes that make it up, and the transpose behind it.
struct AttentionGroup {
  enum Mask {
    case none
    /// Query i sees keys 0...i + offset.
    case causal(offset: Int)
    /// Added to the scores, which it broadcasts to.
    case added(String)
    /// A constant of [queries, keys] made from a condition.
    case constant(Tensor)
  }

  let query: String
  /// As the product takes it: depth before keys.
  let key: String
  let value: String
  let scale: Float
  let mask: Mask
  /// In the order of the graph; it runs at the place of the last.
  let nodes: [Int]
  /// The product's result, in the graph's order of axes, and what of it is written in the end.
  let product: String
  let output: String
  /// Which axis of the output each axis of the product is.
  let inverse: [Int]?
}

/// Finds attention by its softmax: the scores' product, factors and mask before it, the product with the values and a
/// transpose after it.
struct AttentionGroups {
  /// By the position of the last node.
  private(set) var anchored: [Int: AttentionGroup] = [:]
  private(set) var members: Set<Int> = []

  /// Scores at or below it weigh nothing beside any other.
  private static let hidden: Float = -1e8

  init(_ base: TypedGraph, excluding taken: Set<Int>) {
    let pattern = NodePattern(base)
    for index in base.graph.nodes.indices where base.graph.nodes[index].kind == "Softmax" {
      guard let group = AttentionGroups.group(index, pattern), let last = group.nodes.last,
        taken.isDisjoint(with: group.nodes), members.isDisjoint(with: group.nodes)
      else { continue }
      anchored[last] = group
      members.formUnion(group.nodes)
    }
  }

  private static func group(_ softmax: Int, _ pattern: NodePattern) -> AttentionGroup? {
    let base = pattern.base
    guard let scores = pattern.node(softmax).input(0), let type = base.types[scores],
      type.dataType == .float32,
      type.shape.rank >= 2, type.shape.count > 0, isLast(pattern.node(softmax), type.shape.rank, base),
      let mixed = pattern.onlyReader(softmax, ["MatMul"]),
      pattern.node(mixed).inputs.count == 2,
      pattern.node(mixed).inputs[0] == pattern.node(softmax).outputs.first
    else { return nil }
    var nodes = [softmax, mixed]
    var scale: Float = 1
    var mask = AttentionGroup.Mask.none
    var isMasked = false
    var name = scores
    while let index = pattern.producer(name, ["MatMul", "Mul", "Div", "Add", "Where"]),
      pattern.isRead(name, onlyBy: Set(nodes)), pattern.soleOutput(index) == name, base.types[name] == type
    {
      let node = pattern.node(index)
      nodes.append(index)
      switch node.kind {
      case "MatMul": return finish(index, mixed, nodes: nodes, scale: scale, mask: mask, pattern)
      case "Mul", "Div":
        guard let next = scored(node, isFirst: node.kind == "Div", pattern),
          let factor = base.scalar(next.other)
        else { return nil }
        scale *= node.kind == "Mul" ? factor : 1 / factor
        name = next.scores
      default:
        // A factor after the mask would multiply the mask too.
        guard !isMasked, scale == 1, let next = masked(node, type.shape, pattern) else { return nil }
        isMasked = true
        mask = next.mask
        name = next.scores
      }
    }
    return nil
  }

  private static func isLast(_ softmax: Node, _ rank: Int, _ base: TypedGraph) -> Bool {
    let axis = softmax.int("axis") ?? (base.graph.opset(of: softmax) < 13 ? 1 : -1)
    return axis == -1 || axis == rank - 1
  }

  /// Which input of a factor's node is the scores'.
  private static func scored(
    _ node: Node, isFirst: Bool, _ pattern: NodePattern
  ) -> (scores: String, other: String)? {
    guard node.inputs.count == 2 else { return nil }
    if pattern.base.scalar(node.inputs[1]) != nil { return (node.inputs[0], node.inputs[1]) }
    if !isFirst, pattern.base.scalar(node.inputs[0]) != nil { return (node.inputs[1], node.inputs[0]) }
    return nil
  }

  private static func masked(
    _ node: Node, _ shape: Shape, _ pattern: NodePattern
  ) -> (scores: String, mask: AttentionGroup.Mask)? {
    let base = pattern.base
    if node.kind == "Add" {
      guard node.inputs.count == 2,
        let place = [0, 1].first(where: { leadsToProduct(node.inputs[$0], shape, pattern) })
      else { return nil }
      let other = node.inputs[1 - place]
      guard let type = base.types[other], type.dataType == .float32, type.shape.rank <= shape.rank,
        type.shape.dimensions.last == shape.dimensions.last
      else { return nil }
      if let constant = base.constant(other),
        let offset = causalOffset(constant, shape, isHidden: { $0 <= hidden })
      {
        return (node.inputs[place], .causal(offset: offset))
      }
      return (node.inputs[place], .added(other))
    }
    guard node.inputs.count == 3, let condition = base.constant(node.inputs[0]) else { return nil }
    // Where(hides, -inf, scores) or Where(shows, scores, -inf).
    for (place, hides) in [(2, true), (1, false)] {
      guard let low = base.scalar(node.inputs[3 - place]), low <= hidden,
        leadsToProduct(node.inputs[place], shape, pattern)
      else { continue }
      let flags = condition.integers
      let values = try? Tensor(
        shape: condition.shape, flags.map { ($0 != 0) == hides ? -Float.infinity : 0 })
      guard let values, let rows = matrix(values, shape) else { return nil }
      if let offset = causalOffset(values, shape, isHidden: { $0 < 0 }) {
        return (node.inputs[place], .causal(offset: offset))
      }
      // A query that sees nothing would weigh all keys alike under a finite mask.
      let keys = shape[shape.rank - 1]
      let floats = rows.floats
      let seesSome = stride(from: 0, to: floats.count, by: max(1, keys)).allSatisfy { start in
        floats[start..<start + keys].contains(0)
      }
      return seesSome ? (node.inputs[place], .constant(rows)) : nil
    }
    return nil
  }

  private static func leadsToProduct(_ name: String, _ shape: Shape, _ pattern: NodePattern) -> Bool {
    pattern.producer(name, ["MatMul", "Mul", "Div"]) != nil && pattern.base.types[name]?.shape == shape
      && pattern.base.constant(name) == nil
  }

  /// The mask as one matrix [queries, keys]; nil where it differs from head to head.
  private static func matrix(_ mask: Tensor, _ shape: Shape) -> Tensor? {
    let (queries, keys) = (shape[shape.rank - 2], shape[shape.rank - 1])
    guard mask.shape.rank >= 2, mask.count == queries * keys,
      mask.shape.dimensions.suffix(2) == [queries, keys]
    else { return nil }
    return try? mask.reshaped(to: Shape(known: [queries, keys]))
  }

  private static func causalOffset(_ mask: Tensor, _ shape: Shape, isHidden: (Float) -> Bool) -> Int? {
    let (queries, keys) = (shape[shape.rank - 2], shape[shape.rank - 1])
    guard keys >= queries, let values = matrix(mask, shape)?.floats else { return nil }
    let offset = keys - queries
    for query in 0..<queries {
      for key in 0..<keys {
        let value = values[query * keys + key]
        guard key <= query + offset ? value == 0 : isHidden(value) else { return nil }
      }
    }
    return offset
  }

  private static func finish(
    _ scores: Int, _ mixed: Int, nodes: [Int], scale: Float, mask: AttentionGroup.Mask, _ pattern: NodePattern
  ) -> AttentionGroup? {
    let base = pattern.base
    let (product, mixing) = (pattern.node(scores), pattern.node(mixed))
    guard product.inputs.count == 2, let result = mixing.outputs.first, scale.isFinite,
      (product.inputs + [mixing.inputs[1]]).allSatisfy({
        base.graph.initializers[$0] == nil && base.types[$0]?.dataType == .float32
          && (base.types[$0]?.shape.rank ?? 0) >= 2
      })
    else { return nil }
    var nodes = nodes
    var output = result
    var inverse: [Int]?
    if let transpose = pattern.onlyReader(mixed, ["Transpose"]), let rank = base.types[result]?.shape.rank {
      let permutation = pattern.node(transpose).ints("perm") ?? (0..<rank).reversed()
      if permutation.last == rank - 1 {
        var turned = [Int](repeating: 0, count: rank)
        for (axis, source) in permutation.enumerated() { turned[source] = axis }
        inverse = turned
        output = pattern.node(transpose).outputs[0]
        nodes.append(transpose)
      }
    }
    return AttentionGroup(
      query: product.inputs[0], key: product.inputs[1], value: mixing.inputs[1], scale: scale, mask: mask,
      nodes: nodes.sorted(), product: result, output: output, inverse: inverse)
  }
}
