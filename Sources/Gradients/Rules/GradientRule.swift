import GraphIR
import Rewriting

/// How operators with a structure of their own pass a gradient on to their inputs.
struct GradientRule: Sendable {
  /// The gradient of the node's input at a place, from that of its output; nil where that input has none. The result has
  /// the input's type and shape.
  typealias Write =
    @Sendable (inout GraphBuilder, _ node: Node, _ place: Int, _ upstream: String) throws -> String?

  let kinds: [OperatorKind]
  let write: Write

  init(_ kinds: OperatorKind..., write: @escaping Write) { (self.kinds, self.write) = (kinds, write) }
}

/// Operators with a structure of their own that pass no gradient, and why.
struct GradientStop: Sendable {
  let reason: String
  let kinds: [OperatorKind]

  init(_ reason: String, _ kinds: [OperatorKind]) { (self.reason, self.kinds) = (reason, kinds) }
}
