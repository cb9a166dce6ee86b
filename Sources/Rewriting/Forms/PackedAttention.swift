import GraphIR
import TensorCore

/// `com.microsoft.Attention` and `QAttention` with constant weights become the product that gives queries, keys and values,
/// which is a layer, and a `MultiHeadAttention` of its parts.
///
/// Those with a cache stay: its form differs.
/// https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.Attention
struct PackedAttention: GraphPass {
  let label = "packed attention"

  func run(_ builder: inout GraphBuilder) throws {
    builder.rewrite { node, builder in
      guard node.kind.domain == "com.microsoft", node.outputs.count == 1 else { return nil }
      return switch node.kind.type {
      case "Attention": plain(node, &builder)
      case "QAttention": quantized(node, &builder)
      default: nil
      }
    }
  }

  /// X, weights, bias, mask, past, bias of the scores.
  private func plain(_ node: Node, _ builder: inout GraphBuilder) -> [Node]? {
    guard node.input(4) == nil, let x = node.input(0), let weight = node.input(1),
      let columns = builder.weight(weight)?.shape.dimensions.last
    else { return nil }
    return heads(node, x: x, weight: weight, columns, bias: node.input(2), mask: 3, scores: 5, &builder)
  }

  /// X, weights, bias, scales of X and weights, mask, zero points of X and weights, past.
  private func quantized(_ node: Node, _ builder: inout GraphBuilder) -> [Node]? {
    guard node.input(8) == nil, let x = node.input(0), let scale = node.input(3),
      let codes = builder.dense(node.input(1)), let scales = builder.dense(node.input(4)),
      codes.shape.rank == 2,
      let weight = QuantizedTensor(
        stored: codes, scales: scales.floats,
        zeroPoints: node.input(7).flatMap { builder.dense($0)?.integers } ?? [], axis: 1)
    else { return nil }
    let name = builder.add(.quantized(weight), node.inputs[1] + "/weight")
    let real = builder.fresh("\(node.name)/x")
    let dequantize = Node(
      name: builder.fresh("\(node.name)/dequantize"), kind: "DequantizeLinear",
      inputs: [x, scale] + (node.input(6).map { [$0] } ?? []), outputs: [real])
    guard
      let rest = heads(
        node, x: real, weight: name, codes.shape[1], bias: node.input(2), mask: 5, scores: nil, &builder)
    else { return nil }
    return [dequantize] + rest
  }

  private func heads(
    _ node: Node, x: String, weight: String, _ columns: Int, bias: String?, mask: Int, scores: Int?,
    _ builder: inout GraphBuilder
  ) -> [Node]? {
    guard (node.int("do_rotary") ?? 0) == 0, let count = node.int("num_heads"),
      case let sizes = node.ints("qkv_hidden_sizes") ?? [columns / 3, columns / 3, columns / 3],
      sizes.count == 3, sizes.reduce(0, +) == columns
    else { return nil }
    var nodes: [Node] = []
    var packed = builder.fresh("\(node.name)/qkv")
    nodes.append(Node(name: node.name, kind: "MatMul", inputs: [x, weight], outputs: [packed]))
    if let bias {
      let sum = builder.fresh("\(node.name)/qkv-sum")
      nodes.append(
        Node(name: builder.fresh("\(node.name)/bias"), kind: "Add", inputs: [packed, bias], outputs: [sum]))
      packed = sum
    }
    let parts = ["query", "key", "value"].map { builder.fresh("\(node.name)/\($0)") }
    var split = Node(
      name: builder.fresh("\(node.name)/split"), kind: "Split", inputs: [packed], outputs: parts,
      attributes: ["axis": .int(2)])
    if builder.graph.opset < 13 {
      split.attributes["split"] = .ints(sizes)
    } else {
      split.inputs.append(builder.add(sizes, "\(node.name)/sizes"))
    }
    nodes.append(split)
    var inputs = parts + ["", node.input(mask) ?? "", scores.flatMap { node.input($0) } ?? ""]
    while inputs.last?.isEmpty == true { inputs.removeLast() }
    let kept: Set<String> = ["num_heads", "unidirectional", "scale", "mask_filter_value"]
    var attributes = node.attributes.filter { kept.contains($0.key) }
    attributes["num_heads"] = .int(count)
    nodes.append(
      Node(
        name: builder.fresh("\(node.name)/heads"),
        kind: OperatorKind("MultiHeadAttention", domain: "com.microsoft"), inputs: inputs,
        outputs: node.outputs, attributes: attributes))
    return nodes
  }
}
