extension Graph {
  /// What every edit must leave true, here and in nested graphs: nodes have names of their own, each value is produced
  /// once, what a node reads stands before it (so that there is no cycle), and every output is there.
  ///
  /// Debug builds ask after every pass; the tests of passes ask always.
  /// - Parameter outer: names that an enclosing graph provides.
  /// - Throws: `GraphError` naming the first node at fault.
  package func checkInvariants(outer: Set<String> = []) throws {
    var names: Set<String> = []
    // A nested graph may use a name again that the one around it uses for something it does not read.
    var made = Set(inputs.map(\.name)).union(initializers.keys)
    for node in nodes {
      guard names.insert(node.name).inserted else { throw GraphError.duplicateNode(name: node.name) }
      for input in node.inputs where !input.isEmpty && !made.contains(input) && !outer.contains(input) {
        throw undefined(input, reader: node.name)
      }
      for body in node.bodies { try body.checkInvariants(outer: outer.union(made)) }
      for output in node.outputs where !output.isEmpty {
        guard made.insert(output).inserted else {
          throw GraphError.duplicateValue(name: output, node: node.name)
        }
      }
    }
    for output in outputs where !made.contains(output.name) && !outer.contains(output.name) {
      throw GraphError.undefinedValue(name: output.name, node: "the graph's outputs")
    }
  }

  private func undefined(_ value: String, reader: String) -> GraphError {
    guard let maker = nodes.first(where: { $0.outputs.contains(value) }) else {
      return .undefinedValue(name: value, node: reader)
    }
    return .readBeforeMade(name: value, reader: reader, maker: maker.name)
  }
}
