extension Graph {
  /// The same graph with nodes in topological order, every input defined and every value produced once.
  /// An order that is already valid is kept.
  /// - Parameter outer: names that an enclosing graph provides.
  /// - Throws: `GraphError` naming the node at fault.
  package func sorted(outer: Set<String> = []) throws -> Graph {
    let given = outer.union(inputs.map(\.name)).union(initializers.keys)
    let producer = try uniqueProducers(given: given)
    let dependencies = try nodes.map { node in
      try node.reads.compactMap { name -> Int? in
        if given.contains(name) { return nil }
        guard let index = producer[name] else { throw GraphError.undefinedValue(name: name, node: node.name) }
        return index
      }
    }
    for output in outputs where !given.contains(output.name) && producer[output.name] == nil {
      throw GraphError.undefinedValue(name: output.name, node: "the graph's outputs")
    }
    var result = self
    result.nodes = try Graph.depthFirst(dependencies) { GraphError.cycle(nodes: $0.map { nodes[$0].name }) }
      .map { nodes[$0] }
    return result
  }

  private func uniqueProducers(given: Set<String>) throws -> [String: Int] {
    var producer: [String: Int] = [:]
    for (index, node) in nodes.enumerated() {
      for output in node.outputs where !output.isEmpty {
        if given.contains(output) || producer.updateValue(index, forKey: output) != nil {
          throw GraphError.duplicateValue(name: output, node: node.name)
        }
      }
    }
    return producer
  }

  /// Post-order over the dependencies, without recursion so that a deep graph cannot exhaust the stack.
  private static func depthFirst(_ dependencies: [[Int]], cycle: ([Int]) -> GraphError) throws -> [Int] {
    enum Mark { case unseen, open, placed }
    var marks = [Mark](repeating: .unseen, count: dependencies.count)
    var order: [Int] = []
    order.reserveCapacity(dependencies.count)
    var path: [(node: Int, next: Int)] = []
    for root in dependencies.indices where marks[root] == .unseen {
      marks[root] = .open
      path.append((root, 0))
      while let (node, next) = path.last {
        guard next < dependencies[node].count else {
          marks[node] = .placed
          order.append(node)
          path.removeLast()
          continue
        }
        path[path.count - 1].next += 1
        let dependency = dependencies[node][next]
        switch marks[dependency] {
        case .placed: continue
        case .unseen:
          marks[dependency] = .open
          path.append((dependency, 0))
        case .open:
          throw cycle(path.map(\.node).drop { $0 != dependency }.sorted())
        }
      }
    }
    return order
  }
}

extension Node {
  /// Every value the node needs: its inputs, and what its nested graphs take from around them.
  package var reads: Set<String> {
    var reads: Set<String> = []
    addReads(to: &reads)
    return reads
  }

  /// Adds every value the node needs to a set.
  package func addReads(to names: inout Set<String>) {
    for input in inputs where !input.isEmpty { names.insert(input) }
    guard !attributes.isEmpty else { return }
    for body in bodies { names.formUnion(body.outerReads) }
  }
}

extension Graph {
  /// Names a nested graph takes from the graph around it.
  package var outerReads: Set<String> {
    var defined = Set(inputs.map(\.name)).union(initializers.keys)
    var reads = Set(outputs.map(\.name))
    for node in nodes {
      reads.formUnion(node.reads)
      defined.formUnion(node.outputs)
    }
    return reads.subtracting(defined)
  }
}
