import GraphIR

/// Drops a QuantizeLinear that follows a DequantizeLinear of the same scale and zero point: the codes come back as they were.
struct CancelQuantizers: SimplificationPass {
  func apply(to editor: inout GraphEditor) throws {
    let producers = editor.graph.producers
    var aliases: [String: String] = [:]
    var removed: Set<Int> = []
    for (index, node) in editor.graph.nodes.enumerated() where node.kind == "QuantizeLinear" {
      guard let output = node.outputs.first, !editor.pinned.contains(output),
        let quantizer = ActivationQuantizer(node, codes: .uint8, in: editor),
        let producer = node.input(0).flatMap({ producers[$0] }),
        editor.graph.nodes[producer].kind == "DequantizeLinear",
        ActivationQuantizer(editor.graph.nodes[producer], codes: .uint8, in: editor) == quantizer,
        let codes = editor.graph.nodes[producer].input(0)
      else { continue }
      aliases[output] = codes
      removed.insert(index)
    }
    editor.redirect(aliases, removing: removed)
  }
}
