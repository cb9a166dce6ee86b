import GraphIR
import Operators
import Rewriting
import TensorCore

extension GraphBuilder {
  /// The gradient of a node's input, written out from its operator's derivative; nil where it has none.
  /// - Parameter rows: the form of an operator that works along rows.
  mutating func gradient(
    of node: Node, at place: Int, from upstream: String, _ derivative: Derivative, rows: RowwiseForm? = nil
  ) throws -> String? {
    let site = try site(of: node)
    guard case .given(let rule) = derivative, let expression = try rule(site, place) else { return nil }
    var scope = DerivativeScope(node: node, output: node.outputs[0], upstream: upstream, axes: [])
    var full = try shape(of: scope.output)
    if let rows {
      guard let axes = rows.axes(at: site) else { return nil }
      full = try shape(of: node.inputs[0])
      scope.axes = axes
      if case .reduced = rows.result {
        let kept = rows.keptShape(full, axes: axes)
        scope.output = try reshaped(scope.output, to: kept)
        scope.upstream = try reshaped(upstream, to: kept)
      }
    }
    let whole = try expanded(try write(expression, in: &scope), to: full)
    return try unbroadcast(whole, to: shape(of: node.inputs[place]))
  }

  private mutating func write(_ term: DerivativeExpression, in scope: inout DerivativeScope) throws -> String
  {
    if let value = scope.written[term] { return value }
    let value: String
    switch term {
    case .input(let place): value = scope.node.inputs[place]
    case .output: value = scope.output
    case .upstream: value = scope.upstream
    case .number(let number): value = try scalar(number, like: scope.upstream)
    case .rowLength:
      let whole = try shape(of: scope.node.inputs[0])
      value = try scalar(Double(scope.axes.reduce(1) { $0 * whole[$1] }), like: scope.upstream)
    case .rowSum(let summand): value = try sum(try write(summand, in: &scope), over: scope.axes)
    case .step(let kind, let operands, let attributes):
      var inputs: [String] = []
      for operand in operands { inputs.append(try write(operand, in: &scope)) }
      value = try add(kind, inputs, attributes.mapValues { .int($0) })
    }
    scope.written[term] = value
    return value
  }
}

/// What the terms of a derivative stand for at a node, and the values of those that are written already.
private struct DerivativeScope {
  let node: Node
  var output: String
  var upstream: String
  /// The axes of the node's rows.
  var axes: [Int]
  var written: [DerivativeExpression: String] = [:]
}
