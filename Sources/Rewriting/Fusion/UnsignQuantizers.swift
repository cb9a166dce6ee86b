import GraphIR
import TensorCore

/// Moves int8 activations up by 128 into uint8, the form of the integer kernels: QuantizeLinear clamps -128...127
/// where its shifted twin clamps 0...255, so both dequantize to the same values.
struct UnsignQuantizers: GraphPass {
  let label = "unsign quantizers"

  func run(_ builder: inout GraphBuilder) throws {
    let base = builder.base
    let consumers = builder.neighbours().consumers
    for node in base.graph.nodes {
      guard node.kind == "QuantizeLinear", let output = node.outputs.first, !base.pinned.contains(output),
        let shape = base.types[output]?.shape,
        let quantizer = ActivationQuantizer(node, codes: .int8, in: base),
        let readers = consumers[output]?.map({ base.graph.nodes[$0] }),
        readers.allSatisfy({ reads($0, output, quantizer, base) })
      else { continue }
      let code = UInt8(truncatingIfNeeded: quantizer.zeroPoint + 128)
      let zero = builder.add(Tensor(scalar: code), "\(output)/zero")
      builder.retype(output, TensorType(.uint8, shape))
      for touched in [node] + readers {
        builder.edit(touched.name) { node in
          node.inputs = Array(node.inputs.prefix(2)) + [zero]
          node.attributes["output_dtype"] = nil
        }
      }
    }
  }

  private func reads(
    _ node: Node, _ value: String, _ quantizer: ActivationQuantizer, _ base: TypedGraph
  ) -> Bool {
    guard node.kind == "DequantizeLinear", node.input(0) == value, let zero = node.input(2) ?? node.input(0),
      base.types[zero]?.dataType == .int8
    else { return false }
    return ActivationQuantizer(node, codes: .int8, in: base) != nil
      && ActivationQuantizer(node, codes: .int8, in: base)?.zeroPoint == quantizer.zeroPoint
  }
}
