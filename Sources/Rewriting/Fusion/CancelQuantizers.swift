import GraphIR

/// Drops a QuantizeLinear that follows a DequantizeLinear of the same scale and zero point: the codes come back as they were.
struct CancelQuantizers: GraphPass {
  let label = "cancel quantizers"

  func run(_ builder: inout GraphBuilder) throws {
    let base = builder.base
    let producers = builder.neighbours().producers
    for node in base.graph.nodes where node.kind == "QuantizeLinear" {
      guard let output = node.outputs.first, !base.pinned.contains(output),
        let quantizer = ActivationQuantizer(node, codes: .uint8, in: base),
        let producer = node.input(0).flatMap({ producers[$0] }).map({ base.graph.nodes[$0] }),
        producer.kind == "DequantizeLinear",
        ActivationQuantizer(producer, codes: .uint8, in: base) == quantizer,
        let codes = producer.input(0)
      else { continue }
      builder.redirect(output, to: codes)
      builder.remove(node.name)
    }
  }
}
