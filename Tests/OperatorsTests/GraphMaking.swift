import GraphIR
import Operators
import TensorCore

/// A graph of one node named "node" that reads `inputs` (fed) and `constants` in the given order.
func graph(
  _ kind: OperatorKind, opset: Int = 17, inputs: [String: Tensor] = [:], constants: [String: Tensor] = [:],
  order: [String], outputs: Int = 1, attributes: [String: Attribute] = [:]
) -> Graph {
  Graph(
    name: "test",
    inputs: inputs.map { name, tensor in
      ValueInfo(name: name, dataType: tensor.dataType, dimensions: tensor.shape.dimensions.map { .fixed($0) })
    },
    outputs: (0..<outputs).map { ValueInfo(name: "y\($0)", dataType: .float32, dimensions: nil) },
    nodes: [
      Node(
        name: "node", kind: kind, inputs: order, outputs: (0..<outputs).map { "y\($0)" },
        attributes: attributes)
    ],
    initializers: constants.mapValues { .dense($0) }, opsets: ["": opset])
}

/// A tensor of consecutive numbers from 0.
func counting(_ shape: Shape) -> Tensor {
  Tensor(shape: shape, of: Float.self) { values in
    for index in values.indices { values[index] = Float(index) }
  }
}

/// A list of int64.
func list(_ values: Int...) -> Tensor {
  Tensor(shape: Shape(known: [values.count]), of: Int64.self) { memory in
    for index in memory.indices { memory[index] = Int64(values[index]) }
  }
}
