/// Axes of samples that recurrent operators tell: the second of what they read, [T, N, features] and [D, N, hidden].
///
/// ONNX's operators RNN, GRU and LSTM, attribute `layout`, https://onnx.ai/onnx/operators/onnx__LSTM.html.
struct RecurrentAxes {
  private(set) var inputs: [String: Int] = [:]
  private(set) var outputs: [String: Int] = [:]

  private static let kinds: Set<OperatorKind> = ["RNN", "GRU", "LSTM"]
  /// What leaves axes where they are; others end the search.
  private static let passing: Set<OperatorKind> = ["Identity", "Cast", "Slice", "Dropout"]

  init(_ graph: Graph) {
    let producers = graph.producers
    let names = Set(graph.inputs.map(\.name))
    for node in graph.nodes where RecurrentAxes.kinds.contains(node.kind) {
      let axis = node.int("layout") == 1 ? 0 : 1
      for place in [0, 5, 6] {
        guard var value = node.input(place) else { continue }
        var axis = axis
        while let index = producers[value], let next = RecurrentAxes.before(graph.nodes[index], &axis) {
          value = next
        }
        if names.contains(value) { inputs[value] = inputs[value] ?? axis }
      }
      // Y is [T, D, N, hidden], or [N, T, D, hidden]; the states are as those that are read.
      for (place, output) in node.outputs.enumerated()
      where graph.outputs.contains(where: { $0.name == output }) {
        outputs[output] = place == 0 && axis == 1 ? 2 : axis
      }
    }
  }

  private static func before(_ node: Node, _ axis: inout Int) -> String? {
    if passing.contains(node.kind) { return node.input(0) }
    guard node.kind == "Transpose", let order = node.ints("perm"), order.indices.contains(axis) else {
      return nil
    }
    axis = order[axis]
    return node.input(0)
  }
}
