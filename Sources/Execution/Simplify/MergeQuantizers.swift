import GraphIR

/// Lets equal QuantizeLinear (and DequantizeLinear) nodes of one value share the first one's result.
struct MergeQuantizers: SimplificationPass {
  private struct Key: Hashable {
    let kind: OperatorKind
    let input: String
    let quantizer: ActivationQuantizer
  }

  func apply(to editor: inout GraphEditor) throws {
    var first: [Key: String] = [:]
    var aliases: [String: String] = [:]
    var removed: Set<Int> = []
    for (index, node) in editor.graph.nodes.enumerated() {
      guard let input = node.input(0), let output = node.outputs.first,
        let quantizer = ActivationQuantizer(node, codes: .uint8, in: editor)
      else { continue }
      let key = Key(kind: node.kind, input: aliases[input] ?? input, quantizer: quantizer)
      if let earlier = first[key] {
        guard !editor.pinned.contains(output), editor.types[earlier] == editor.types[output] else { continue }
        aliases[output] = earlier
        removed.insert(index)
      } else {
        first[key] = output
      }
    }
    editor.redirect(aliases, removing: removed)
  }
}
