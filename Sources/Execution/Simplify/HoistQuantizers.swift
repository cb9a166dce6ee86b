import GraphIR
import TensorCore

/// Moves QuantizeLinear in front of nodes that only select or rearrange elements (max pooling, reshaping,
/// transposing): rounding is monotonic, so the codes are the same, and the layer above can write them itself.
struct HoistQuantizers: SimplificationPass {
  private static let movable: Set<OperatorKind> = [
    "MaxPool", "GlobalMaxPool", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose",
  ]

  func apply(to editor: inout GraphEditor) throws {
    // Each round moves a quantizer by one node; a chain is as long as the graph at most.
    for _ in editor.graph.nodes.indices {
      guard moveOne(in: &editor) else { return }
    }
  }

  private func moveOne(in editor: inout GraphEditor) -> Bool {
    let producers = editor.graph.producers
    let consumers = editor.graph.consumers
    var moved = false
    var touched: Set<Int> = []
    for index in editor.graph.nodes.indices {
      let quantize = editor.graph.nodes[index]
      guard quantize.kind == "QuantizeLinear", let middle = quantize.input(0),
        let coded = quantize.outputs.first,
        ActivationQuantizer(quantize, codes: .uint8, in: editor) != nil,
        !editor.pinned.contains(middle), let producer = producers[middle], consumers[middle]?.count == 1
      else { continue }
      let mover = editor.graph.nodes[producer]
      guard HoistQuantizers.movable.contains(mover.kind), mover.outputs.filter({ !$0.isEmpty }).count == 1,
        let source = mover.input(0), producers[source] != nil, let shape = editor.types[source]?.shape,
        !touched.contains(producer), !touched.contains(index)
      else { continue }
      // Swap the two in place: the order of the nodes stays valid.
      let codes = editor.freshName("\(coded)/hoisted")
      editor.types[codes] = TensorType(.uint8, shape)
      var first = quantize
      first.inputs[0] = source
      first.outputs = [codes]
      var second = mover
      second.inputs[0] = codes
      second.outputs = [coded]
      editor.graph.nodes[producer] = first
      editor.graph.nodes[index] = second
      touched.formUnion([producer, index])
      moved = true
    }
    return moved
  }
}
