import GraphIR
import TensorCore

/// Weights whose axes are not [outputs, inputs] (ConvTranspose, the gates of LSTM, GRU and RNN) are kept as matrices
/// that are; the node reads them through constant reshapes, which cost nothing once a plan is made.
package struct MatrixViews: LayerFormRule {
  /// What the weights of a node's inputs are called, by input.
  package static let recurrent: [OperatorKind: [(input: Int, name: String)]] = [
    "LSTM": [(1, "W"), (2, "R")], "GRU": [(1, "W"), (2, "R")], "RNN": [(1, "W"), (2, "R")],
  ]

  package func apply(to editor: inout FormEditor) throws {
    editor.rewrite { node, editor in
      if node.kind == "ConvTranspose" { return transposed(node, &editor) }
      guard let inputs = MatrixViews.recurrent[node.kind] else { return nil }
      var node = node
      var views: [Node] = []
      for (index, _) in inputs {
        guard let name = node.input(index), let weight = editor.constant(name), weight.dataType == .float32,
          weight.shape.rank == 3, weight.count > 0
        else { continue }
        let (rows, columns) = (weight.shape[0] * weight.shape[1], weight.shape[2])
        guard let matrix = try? weight.reshaped(to: Shape([rows, columns])) else { continue }
        let view = editor.fresh(name + "/gates")
        let shape = editor.add(weight.shape.dimensions, name + "/shape")
        views.append(
          Node(
            name: editor.fresh(name + "/view"), kind: "Reshape",
            inputs: [editor.add(.dense(matrix), name + "/matrix"), shape],
            outputs: [view]))
        node.inputs[index] = view
      }
      return views.isEmpty ? nil : views + [node]
    }
  }

  /// [inputs, outputs / groups, window...] is kept as [outputs, inputs / groups, window...].
  private func transposed(_ node: Node, _ editor: inout FormEditor) -> [Node]? {
    let groups = node.int("group") ?? 1
    guard groups >= 1, let name = node.input(1), let weight = editor.constant(name),
      weight.dataType == .float32, weight.shape.rank >= 3, weight.count > 0, weight.shape[0] % groups == 0
    else { return nil }
    let (inputs, outputs) = (weight.shape[0] / groups, weight.shape[1])
    let spatial = Array(weight.shape.dimensions.dropFirst(2))
    let window = spatial.reduce(1, *)
    let values = weight.floats
    let turned = Tensor(shape: Shape(known: [groups * outputs, inputs] + spatial), of: Float.self) { target in
      for group in 0..<groups {
        for input in 0..<inputs {
          for output in 0..<outputs {
            for place in 0..<window {
              target[((group * outputs + output) * inputs + input) * window + place] =
                values[((group * inputs + input) * outputs + output) * window + place]
            }
          }
        }
      }
    }
    var node = node
    var current = editor.add(.dense(turned), name + "/filters")
    var views: [Node] = []
    func view(
      _ kind: OperatorKind, _ more: [String], _ attributes: [String: Attribute], _ editor: inout FormEditor
    ) {
      let output = editor.fresh(name + "/window")
      views.append(
        Node(
          name: editor.fresh(name + "/view"), kind: kind, inputs: [current] + more, outputs: [output],
          attributes: attributes))
      current = output
    }
    if groups == 1 {
      view("Transpose", [], ["perm": .ints([1, 0] + Array(2..<weight.shape.rank))], &editor)
    } else {
      let apart = editor.add([groups, outputs, inputs, window], name + "/groups")
      view("Reshape", [apart], [:], &editor)
      view("Transpose", [], ["perm": .ints([0, 2, 1, 3])], &editor)
      view("Reshape", [editor.add(weight.shape.dimensions, name + "/shape")], [:], &editor)
    }
    node.inputs[1] = current
    return views + [node]
  }
}
