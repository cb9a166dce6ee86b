import GraphIR

/// A Pad of zeros in front of convolutions and average pools, as TensorFlow's and PyTorch's exporters write, becomes
/// their own pads, and one that pads nothing goes: channels then pass, and nothing is copied.
struct FusePads: GraphPass {
  let label = "fuse pads"

  func run(_ builder: inout GraphBuilder) throws {
    let counts = builder.graph.readCounts
    let readers = builder.neighbours()
    for pad in builder.graph.nodes where pad.kind == "Pad" {
      guard let input = pad.input(0), let output = pad.outputs.first, !builder.pinned.contains(output),
        let pads = amounts(pad, builder)
      else { continue }
      if pads.allSatisfy({ $0 == 0 }) {
        builder.redirect(output, to: builder.target(of: input))
        builder.remove(pad.name)
        continue
      }
      guard fillsWithZeros(pad, builder), pads.allSatisfy({ $0 >= 0 }), pads.count % 2 == 0,
        case let rank = pads.count / 2, rank > 2, [0, 1, rank, rank + 1].allSatisfy({ pads[$0] == 0 })
      else { continue }
      let added = Array(pads[2..<rank] + pads[(rank + 2)...])
      let nodes = readers.readers(of: output).map { readers.node($0) }
      // Those in nested graphs count too.
      guard nodes.count == counts[output], nodes.allSatisfy({ takes(added, $0, from: output) })
      else { continue }
      let source = builder.target(of: input)
      for node in nodes {
        builder.edit(node.name) { node in
          node.inputs[0] = source
          let own = node.ints("pads") ?? [Int](repeating: 0, count: added.count)
          node.attributes["pads"] = .ints(zip(own, added).map { $0 + $1 })
          node.attributes["auto_pad"] = nil
          if node.kind == "AveragePool" { node.attributes["count_include_pad"] = .int(1) }
        }
      }
      builder.remove(pad.name)
    }
  }

  /// How much is added in front of each axis, then behind each; nil where it is not known, or some axes are named.
  private func amounts(_ pad: Node, _ builder: GraphBuilder) -> [Int]? {
    if builder.graph.opset < 11 { return pad.ints("pads") }
    return pad.input(3) == nil ? builder.dense(pad.input(1))?.integers : nil
  }

  private func fillsWithZeros(_ pad: Node, _ builder: GraphBuilder) -> Bool {
    guard pad.string("mode") ?? "constant" == "constant" else { return false }
    if builder.graph.opset < 11 { return (pad.float("value") ?? 0) == 0 }
    guard let value = pad.input(2) else { return true }
    return builder.base.scalar(value) == 0
  }

  /// Whether a node that reads a padded image can pad it itself.
  private func takes(_ added: [Int], _ node: Node, from image: String) -> Bool {
    let own = node.ints("pads") ?? [Int](repeating: 0, count: added.count)
    guard node.inputs.first == image, own.count == added.count,
      ["NOTSET", "VALID"].contains(node.string("auto_pad") ?? "NOTSET")
    else { return false }
    switch node.kind {
    case "Conv": return !node.inputs.dropFirst().contains(image)
    case "AveragePool":
      // What it padded itself it must have counted, and pads stay within the window.
      let window = node.ints("kernel_shape") ?? []
      return (node.int("ceil_mode") ?? 0) == 0
        && (own.allSatisfy { $0 == 0 } || node.int("count_include_pad") == 1)
        && zip(zip(own, added), window + window).allSatisfy { $0.0 + $0.1 < $1 }
        && window.count * 2 == added.count
    default: return false
    }
  }
}
