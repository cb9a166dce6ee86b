import GraphIR

/// Drops nodes that return their input as it is: Identity, Dropout (which only acts in training) and Cast to the same type.
struct RemoveIdentities: GraphPass {
  let label = "remove identities"

  func run(_ builder: inout GraphBuilder) throws {
    let base = builder.base
    let producers = builder.neighbours().producers
    var renamed: Set<String> = []
    for node in base.graph.nodes where isIdentity(node, in: base) {
      guard let input = node.input(0), let output = node.outputs.first else { continue }
      let source = builder.target(of: input)
      if !base.pinned.contains(output) {
        builder.redirect(output, to: source)
        builder.remove(node.name)
        continue
      }
      // The producer writes under the pinned name at once, unless its own result must keep its name.
      guard let producer = producers[source], !base.pinned.contains(source),
        base.types[source] == base.types[output], renamed.insert(source).inserted
      else { continue }
      builder.edit(base.graph.nodes[producer].name) { producer in
        producer.outputs = producer.outputs.map { $0 == source ? output : $0 }
      }
      builder.redirect(source, to: output)
      builder.remove(node.name)
    }
  }

  private func isIdentity(_ node: Node, in base: TypedGraph) -> Bool {
    guard let input = node.input(0), let output = node.outputs.first, !output.isEmpty else { return false }
    switch node.kind {
    case "Identity": return true
    case "Cast": return base.types[input] != nil && base.types[input] == base.types[output]
    case "Dropout":
      let masked = node.outputs.dropFirst().contains { !$0.isEmpty }
      guard !masked else { return false }
      guard let training = node.input(2) else { return true }
      return base.scalar(training) == 0
    default: return false
    }
  }
}
