import GraphIR

/// What happens to channels at operators with a structure of their own.
struct ChannelRule: Sendable {
  typealias Pass = @Sendable (Node, inout ChannelAnalyzer) -> Void

  let kinds: [OperatorKind]
  /// Follows the channels of a node's inputs: sets those of its outputs, records what shrinks with them, or stops them.
  let pass: Pass

  init(_ kinds: OperatorKind..., pass: @escaping Pass) { (self.kinds, self.pass) = (kinds, pass) }
  init(_ kind: OperatorKind, _ pass: @escaping Pass) { (kinds, self.pass) = ([kind], pass) }
}

/// Operators with a structure of their own whose channels are not followed: what feeds them keeps its channels.
struct ChannelStop: Sendable {
  let reason: String
  let kinds: [OperatorKind]

  init(_ reason: String, _ kinds: [OperatorKind]) { (self.reason, self.kinds) = (reason, kinds) }
}
