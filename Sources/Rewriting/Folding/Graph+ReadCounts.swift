import GraphIR

extension Graph {
  /// How often each value is read, by nested graphs and as an output too.
  package var readCounts: [String: Int] {
    var counts: [String: Int] = [:]
    for output in outputs { counts[output.name, default: 0] += 1 }
    for node in nodes {
      for input in node.inputs where !input.isEmpty { counts[input, default: 0] += 1 }
      for body in node.bodies { counts.merge(body.readCounts) { $0 + $1 } }
    }
    return counts
  }
}
