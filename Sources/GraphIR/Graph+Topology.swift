extension Graph {
  /// The same graph with nodes in a stable topological order, every input defined and every value produced once.
  /// - Parameter outer: names that an enclosing graph provides.
  /// - Throws: `GraphError` naming the node at fault.
  package func sorted(outer: Set<String> = []) throws -> Graph {
    var available = outer.union(inputs.map(\.name)).union(initializers.keys)
    var produced: [String: Int] = [:]
    for (index, node) in nodes.enumerated() {
      for output in node.outputs where !output.isEmpty {
        if available.contains(output) || produced[output] != nil {
          throw GraphError.duplicateValue(name: output, node: node.name)
        }
        produced[output] = index
      }
    }
    for node in nodes {
      for input in node.inputs where !input.isEmpty {
        if !available.contains(input) && produced[input] == nil {
          throw GraphError.undefinedValue(name: input, node: node.name)
        }
      }
    }
    for output in outputs where !available.contains(output.name) && produced[output.name] == nil {
      throw GraphError.undefinedValue(name: output.name, node: "the graph's outputs")
    }

    let readers = consumers
    var missing = nodes.map { node in
      Set(node.inputs.filter { !$0.isEmpty && !available.contains($0) }).count
    }
    // Lowest original index first keeps the exporter's order wherever it is already valid.
    var ready = nodes.indices.filter { missing[$0] == 0 }
    ready.reverse()
    var order: [Int] = []
    order.reserveCapacity(nodes.count)
    while let next = ready.popLast() {
      order.append(next)
      var freed: [Int] = []
      for output in nodes[next].outputs where !output.isEmpty {
        available.insert(output)
        for reader in readers[output] ?? [] {
          missing[reader] -= 1
          if missing[reader] == 0 { freed.append(reader) }
        }
      }
      ready.append(contentsOf: freed.sorted(by: >))
    }
    guard order.count == nodes.count else {
      let placed = Set(order)
      throw GraphError.cycle(nodes: nodes.indices.filter { !placed.contains($0) }.map { nodes[$0].name })
    }
    var result = self
    result.nodes = order.map { nodes[$0] }
    return result
  }
}
