import GraphIR
import TensorCore

/// Moves int8 activations up by 128 into uint8, the form of the integer kernels: QuantizeLinear clamps -128...127
/// where its shifted twin clamps 0...255, so both dequantize to the same values.
struct UnsignQuantizers: SimplificationPass {
  func apply(to editor: inout GraphEditor) throws {
    let consumers = editor.graph.consumers
    for index in editor.graph.nodes.indices {
      let node = editor.graph.nodes[index]
      guard node.kind == "QuantizeLinear", let output = node.outputs.first, !editor.pinned.contains(output),
        let shape = editor.types[output]?.shape,
        let quantizer = ActivationQuantizer(node, codes: .int8, in: editor),
        let readers = consumers[output],
        readers.allSatisfy({ reads(editor.graph.nodes[$0], output, quantizer, editor) })
      else { continue }
      let zero = editor.freshName("\(output)/zero")
      let type = TensorType(.uint8, [])
      editor.types[zero] = type
      editor.graph.initializers[zero] = .dense(
        Tensor(scalar: UInt8(truncatingIfNeeded: quantizer.zeroPoint + 128)))
      editor.types[output] = TensorType(.uint8, shape)
      for touched in [index] + readers {
        editor.graph.nodes[touched].inputs = Array(editor.graph.nodes[touched].inputs.prefix(2)) + [zero]
        editor.graph.nodes[touched].attributes["output_dtype"] = nil
      }
    }
  }

  private func reads(
    _ node: Node, _ value: String, _ quantizer: ActivationQuantizer, _ editor: GraphEditor
  ) -> Bool {
    guard node.kind == "DequantizeLinear", node.input(0) == value, let zero = node.input(2) ?? node.input(0),
      editor.types[zero]?.dataType == .int8
    else { return false }
    return ActivationQuantizer(node, codes: .int8, in: editor) != nil
      && ActivationQuantizer(node, codes: .int8, in: editor)?.zeroPoint == quantizer.zeroPoint
  }
}
