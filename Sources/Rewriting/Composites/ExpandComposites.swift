import GraphIR
import Operators

/// Writes every operator that is a composition of others out as those, so that they are fused and cut like any other: once,
/// at the start of a plan, since some compositions follow from the shapes of their inputs.
struct ExpandComposites: GraphPass {
  let label = "expand composites"
  /// A composition may hold another.
  let repeats = true

  func run(_ builder: inout GraphBuilder) throws {
    for node in builder.graph.nodes {
      guard let member = builder.registry.composite(node.kind) else { continue }
      let composition = try builder.composition(of: node, member) { try builder.type(of: $0) }
      builder.replace(node, by: composition, keepsOpset: false)
    }
  }
}

extension PassList {
  /// What is done to a graph whose types are known before its constants are folded.
  static let composites = PassList(name: "composites", passes: [ExpandComposites()])
}
