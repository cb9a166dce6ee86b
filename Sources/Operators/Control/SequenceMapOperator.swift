import GraphIR
import TensorCore

/// SequenceMap: runs the nested graph `body` for every member of the first sequence, with the members of further
/// sequences at the same place and whole tensors; each of its outputs becomes a sequence.
struct SequenceMapOperator: DynamicOperator {
  let kinds: [OperatorKind] = ["SequenceMap"]

  func traits(of kind: OperatorKind) -> OperatorTraits { .dynamic("it runs graphs of its own", .runsGraphs) }

  func evaluate(_ call: OperatorCall) throws -> [RuntimeValue?] {
    let body = try call.graph("body")
    let first = try call.sequence(0)
    var results = [[RuntimeValue]](repeating: [], count: body.outputs.count)
    for place in first.indices {
      let feeds = try call.inputs.indices.map { index -> RuntimeValue in
        let value = try call.input(index)
        guard case .sequence(let members) = value else { return value }
        guard members.count == first.count else {
          throw call.inputError(index, expected: "a sequence of \(first.count)")
        }
        return members[place]
      }
      for (index, value) in try call.runGraph(body, feeds).enumerated() { results[index].append(value) }
    }
    return results.map { .sequence($0) }
  }
}
