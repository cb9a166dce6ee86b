import GraphIR
import TensorCore

/// If: runs the nested graph `then_branch` or `else_branch`, by a Boolean that only a run knows.
struct IfOperator: DynamicOperator {
  let kinds: [OperatorKind] = ["If"]

  func traits(of kind: OperatorKind) -> OperatorTraits { .dynamic("it runs graphs of its own", .runsGraphs) }

  func evaluate(_ call: OperatorCall) throws -> [RuntimeValue?] {
    let name = try call.boolean(0) ? "then_branch" : "else_branch"
    let graph = try call.graph(name)
    let results = try call.runGraph(graph, [])
    guard results.count >= call.node.outputs.count else {
      throw call.graphError(name, expected: "\(call.node.outputs.count) outputs", found: "\(results.count)")
    }
    return results
  }
}
