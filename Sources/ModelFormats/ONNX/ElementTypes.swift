import GraphIR
import TensorCore

/// Which 16-bit float weights of a graph meet float32 values, and so need a `Cast` in a file: inside the workbench
/// they are a way to store a weight, which every reader widens.
enum ElementTypes {
  static func widenedWeights(of graph: Graph) -> Set<String> {
    let halves = Set(
      graph.initializers.filter {
        if case .dense(let tensor) = $0.value {
          tensor.dataType == .float16 || tensor.dataType == .bfloat16
        } else {
          false
        }
      }
      .keys)
    guard !halves.isEmpty else { return [] }

    // A model that was made for 16 bits says so at its borders.
    let border = (graph.inputs + graph.outputs).map(\.dataType).first { $0 == .float16 || $0 == .bfloat16 }
    var types: [String: DataType] = [:]
    for input in graph.inputs { types[input.name] = input.dataType }
    for (name, weight) in graph.initializers where !halves.contains(name) { types[name] = weight.dataType }

    var widened: Set<String> = []
    for node in graph.nodes {
      let floats = node.inputs.compactMap { types[$0] }.filter(\.isFloatingPoint)
      let type = floats.first ?? border ?? .float32
      widened.formUnion(
        node.inputs.filter { halves.contains($0) && graph.initializers[$0]?.dataType != type })
      let outputType = result(of: node, floats: type, types: types)
      for output in node.outputs { types[output] = outputType }
    }
    return widened
  }

  /// The type of a node's outputs as far as the question of float16 needs it.
  private static func result(of node: Node, floats: DataType, types: [String: DataType]) -> DataType {
    switch node.kind {
    case "Cast": node.int("to").flatMap { ElementType.dataType(Int32(clamping: $0)) } ?? floats
    case "QuantizeLinear": node.input(2).flatMap { types[$0] } ?? .uint8
    case "DequantizeLinear": node.input(1).flatMap { types[$0] } ?? .float32
    case "Shape", "Size", "ArgMax", "ArgMin", "NonZero": .int64
    case "Equal", "Less", "Greater", "LessOrEqual", "GreaterOrEqual", "And", "Or", "Not", "Xor", "IsNaN",
      "IsInf":
      .bool
    case "ConstantOfShape": node.tensor("value")?.dataType ?? .float32
    default:
      // Integers stay integers; anything that reads a float gives that float.
      node.inputs.contains { types[$0]?.isFloatingPoint ?? true } || node.inputs.isEmpty
        ? floats : node.inputs.lazy.compactMap { types[$0] }.first ?? floats
    }
  }
}
