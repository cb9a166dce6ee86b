import GraphIR

/// How nodes of some kinds become steps where neither their operator in plain layout nor what is true of it will do.
protocol LoweringRule: Sendable {
  var kinds: Set<OperatorKind> { get }
  /// Adds the steps of `node`, or returns false to leave it to the next rule or its operator.
  func lower(_ node: Node, in lowering: inout Lowering) throws -> Bool
}

enum LoweringRules {
  static let all: [any LoweringRule] = [
    PoolRule(), GlobalPoolRule(), ReshapeRule(), TransposeRule(), ConcatRule(), NormalizationRule(),
    DynamicProductRule(), TransposedConvolutionRule(), PadRule(), TableRule(),
  ]
}
