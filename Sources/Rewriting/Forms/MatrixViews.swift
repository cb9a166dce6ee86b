import GraphIR
import TensorCore

/// Weights whose axes are not [outputs, inputs] (ConvTranspose, the gates of LSTM, GRU and RNN) are kept as matrices
/// that are; the node reads them through constant reshapes, which cost nothing once a plan is made.
package struct MatrixViews: GraphPass {
  package let label = "matrix views"

  /// What the weights of a node's inputs are called, by input.
  package static let recurrent: [OperatorKind: [(input: Int, name: String)]] = [
    "LSTM": [(1, "W"), (2, "R")], "GRU": [(1, "W"), (2, "R")], "RNN": [(1, "W"), (2, "R")],
  ]

  package func run(_ builder: inout GraphBuilder) throws {
    builder.rewrite { node, builder in
      if node.kind == "ConvTranspose" { return transposed(node, &builder) }
      guard let inputs = MatrixViews.recurrent[node.kind] else { return nil }
      var node = node
      var views: [Node] = []
      for (index, _) in inputs {
        guard let name = node.input(index), let weight = builder.dense(name), weight.dataType == .float32,
          weight.shape.rank == 3, weight.count > 0
        else { continue }
        let (rows, columns) = (weight.shape[0] * weight.shape[1], weight.shape[2])
        guard let matrix = try? weight.reshaped(to: Shape([rows, columns])) else { continue }
        let view = builder.fresh(name + "/gates")
        let shape = builder.add(weight.shape.dimensions, name + "/shape")
        views.append(
          Node(
            name: builder.fresh(name + "/view"), kind: "Reshape",
            inputs: [builder.add(.dense(matrix), name + "/matrix"), shape],
            outputs: [view]))
        node.inputs[index] = view
      }
      return views.isEmpty ? nil : views + [node]
    }
  }

  /// [inputs, outputs / groups, window...] is kept as [outputs, inputs / groups, window...].
  private func transposed(_ node: Node, _ builder: inout GraphBuilder) -> [Node]? {
    let groups = node.int("group") ?? 1
    guard groups >= 1, let name = node.input(1), let weight = builder.dense(name),
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
    var current = builder.add(.dense(turned), name + "/filters")
    var views: [Node] = []
    func view(
      _ kind: OperatorKind, _ more: [String], _ attributes: [String: Attribute], _ builder: inout GraphBuilder
    ) {
      let output = builder.fresh(name + "/window")
      views.append(
        Node(
          name: builder.fresh(name + "/view"), kind: kind, inputs: [current] + more, outputs: [output],
          attributes: attributes))
      current = output
    }
    if groups == 1 {
      view("Transpose", [], ["perm": .ints([1, 0] + Array(2..<weight.shape.rank))], &builder)
    } else {
      let apart = builder.add([groups, outputs, inputs, window], name + "/groups")
      view("Reshape", [apart], [:], &builder)
      view("Transpose", [], ["perm": .ints([0, 2, 1, 3])], &builder)
      view("Reshape", [builder.add(weight.shape.dimensions, name + "/shape")], [:], &builder)
    }
    node.inputs[1] = current
    return views + [node]
  }
}
