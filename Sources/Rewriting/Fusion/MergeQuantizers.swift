import GraphIR

/// Lets equal QuantizeLinear (and DequantizeLinear) nodes of one value share the first one's result.
struct MergeQuantizers: GraphPass {
  let label = "merge quantizers"

  private struct Key: Hashable {
    let kind: OperatorKind
    let input: String
    let quantizer: ActivationQuantizer
  }

  func run(_ builder: inout GraphBuilder) throws {
    let base = builder.base
    var first: [Key: String] = [:]
    for node in base.graph.nodes {
      guard let input = node.input(0), let output = node.outputs.first,
        let quantizer = ActivationQuantizer(node, codes: .uint8, in: base)
      else { continue }
      let key = Key(kind: node.kind, input: builder.target(of: input), quantizer: quantizer)
      guard let earlier = first[key] else {
        first[key] = output
        continue
      }
      guard !base.pinned.contains(output), base.types[earlier] == base.types[output] else { continue }
      builder.redirect(output, to: earlier)
      builder.remove(node.name)
    }
  }
}
