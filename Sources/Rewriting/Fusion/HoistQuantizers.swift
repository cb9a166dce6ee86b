import GraphIR
import Operators
import TensorCore

/// Moves QuantizeLinear in front of nodes that only pick or rearrange elements (max pooling, reshaping,
/// transposing): rounding is monotonic, so the codes are the same, and the layer above can write them itself.
struct HoistQuantizers: GraphPass {
  let label = "hoist quantizers"

  let repeats = true

  /// Moves each quantizer by one node.
  func run(_ builder: inout GraphBuilder) throws {
    let base = builder.base
    let (producers, consumers) = (builder.neighbours().producers, builder.neighbours().consumers)
    var touched: Set<String> = []
    for quantize in base.graph.nodes where quantize.kind == "QuantizeLinear" {
      guard let middle = quantize.input(0), let coded = quantize.outputs.first,
        ActivationQuantizer(quantize, codes: .uint8, in: base) != nil,
        !base.pinned.contains(middle), let producer = producers[middle], consumers[middle]?.count == 1
      else { continue }
      let mover = base.graph.nodes[producer]
      guard builder.registry.picks(mover), mover.outputs.filter({ !$0.isEmpty }).count == 1,
        let source = mover.input(0), producers[source] != nil, let shape = base.types[source]?.shape,
        // Where most is left away, as of a sequence that only its first place is read of, little is to be quantized.
        let picked = base.types[middle]?.shape, shape.count <= 4 * picked.count,
        touched.isDisjoint(with: [mover.name, quantize.name])
      else { continue }
      // Swap the two in place: the order of the nodes stays valid.
      let codes = builder.fresh("\(coded)/hoisted", TensorType(.uint8, shape))
      var first = quantize
      first.inputs[0] = source
      first.outputs = [codes]
      var second = mover
      second.inputs[0] = codes
      second.outputs = [coded]
      builder.replace(mover.name, with: [first])
      builder.replace(quantize.name, with: [second])
      touched.formUnion([mover.name, quantize.name])
    }
  }
}
