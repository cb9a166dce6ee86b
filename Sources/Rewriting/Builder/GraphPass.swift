import GraphIR

/// One rewrite of a graph: it reads the builder's graph, and tells the builder what is to change.
package protocol GraphPass: Sendable {
  /// Names its patches.
  var label: String { get }

  /// Whether it runs again until it changes nothing.
  var repeats: Bool { get }

  func run(_ builder: inout GraphBuilder) throws
}

extension GraphPass {
  package var repeats: Bool { false }
}

/// Passes in the order in which they run, each one file and one line of a list.
package struct PassList: Sendable {
  package let name: String
  package let passes: [any GraphPass]

  package init(name: String, passes: [any GraphPass]) {
    self.name = name
    self.passes = passes
  }

  /// - Returns: the patches that were made, in order.
  @discardableResult
  package func apply(to builder: inout GraphBuilder) throws -> [GraphPatch] {
    var patches: [GraphPatch] = []
    for pass in passes {
      builder.label = pass.label
      // A pass that repeats moves something by a node each time; a chain is as long as the graph at most.
      for _ in 0...(pass.repeats ? builder.graph.nodes.count : 0) {
        try pass.run(&builder)
        let patch = try builder.commit()
        if patch.isEmpty { break }
        patches.append(patch)
      }
    }
    return patches
  }
}
