import GraphIR

/// Brings a graph of operator set 7 or later to a later one, 13 at least. Each rule is about an operator whose form or meaning changed
/// in one set (https://github.com/onnx/onnx/blob/main/docs/Changelog.md); all other operators take in a later set what they
/// took before, with the same meaning, and stay as they are.
enum OpsetUpgrade {
  /// A change of operators in one set.
  struct Rule: Sendable {
    let kinds: Set<OperatorKind>
    /// The set that brought the change.
    let opset: Int
    /// The nodes that take the place of one of the form before; the node itself where it does not use what changed.
    let change: @Sendable (Node, inout OpsetUpgradeContext) throws -> [Node]

    init(
      _ kinds: [OperatorKind], opset: Int,
      change: @escaping @Sendable (Node, inout OpsetUpgradeContext) throws -> [Node]
    ) {
      self.kinds = Set(kinds)
      self.opset = opset
      self.change = change
    }
  }

  /// In the order of the sets.
  static let rules: [Rule] = [
    scan, upsampleScales, upsample, slice, topK, affine, scale, scaledFunction,
    imageScaler, crop, clip, pad, scatter, resize, dropout,
    batchNormalization, flattening, axesToInput, split, pixels, trainedStatistics, roiAlign, reducedAxes,
    parts, gridSample,
    transformedAxis, groupNormalization,
  ]

  /// - Returns: the graph and those nested in it in the operator set `target`.
  /// - Throws: `FormatError.notUpgradable` for a use that the later set cannot express.
  static func upgraded(_ graph: Graph, to target: Int) throws -> Graph {
    var names = NameTable(graph)
    return try upgraded(graph, target, &names)
  }

  private static func upgraded(_ graph: Graph, _ target: Int, _ names: inout NameTable) throws -> Graph {
    var context = OpsetUpgradeContext(graph: graph, target: target, names: names)
    let rules = rules.filter { graph.opset < $0.opset && $0.opset <= target }
    var nodes: [Node] = []
    for var node in graph.nodes {
      try node.mapBodies { try upgraded($0, target, &context.names) }
      var forms = [node]
      for rule in rules {
        forms = try forms.flatMap {
          rule.kinds.contains($0.kind) && $0.opset == nil ? try rule.change($0, &context) : [$0]
        }
      }
      nodes += forms
    }
    var result = graph
    result.nodes = nodes
    result.initializers.merge(context.constants) { _, new in new }
    result.opsets[""] = target
    names = context.names
    return result
  }
}
