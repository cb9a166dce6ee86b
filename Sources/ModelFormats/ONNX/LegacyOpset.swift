import GraphIR
import TensorCore

/// Brings graphs of operator sets 1 to 6, which the first exporters wrote, to 7
/// (https://github.com/onnx/onnx/blob/main/docs/Changelog.md): broadcasting was asked for by attributes, and operators
/// were told that they do not train.
enum LegacyOpset {
  static let target = 7

  /// - Throws: `FormatError.notUpgradable` where the form of 7 depends on a rank that is not known.
  static func upgraded(_ graph: Graph) throws -> Graph {
    var names = NameTable(graph)
    return try upgraded(graph, names: &names)
  }

  private static func upgraded(_ graph: Graph, names: inout NameTable) throws -> Graph {
    var context = OpsetUpgradeContext(graph: graph, target: target, names: names)
    var result = graph
    for (index, stored) in graph.nodes.enumerated() where stored.kind.domain.isEmpty {
      var node = stored
      try node.mapBodies { try upgraded($0, names: &context.names) }
      for key in ["is_test", "consumed_inputs"] { node.attributes[key] = nil }
      switch node.kind {
      case "Add", "Sub", "Mul", "Div", "Pow", "And", "Or", "Xor", "Equal", "Greater", "Less":
        try broadcast(&node, &context)
      case "Gemm": node.attributes["broadcast"] = nil
      case "Reshape":
        if let shape = node.ints("shape"), let input = node.input(0) {
          node.attributes["shape"] = nil
          node.inputs = [input, context.constant(shape, for: node, "shape")]
        }
      case "Cast":
        if let name = node.string("to"), let type = DataType(rawValue: typeName(name)) {
          node.attributes["to"] = .int(type.onnxCode)
        }
      default: break
      }
      result.nodes[index] = node
    }
    result.initializers.merge(context.constants) { _, new in new }
    result.opsets[""] = target
    names = context.names
    return result
  }

  /// The second operand's axes were aligned with the first's from `axis` on; since 7 they are aligned at the end.
  private static func broadcast(_ node: inout Node, _ context: inout OpsetUpgradeContext) throws {
    let axis = node.int("axis")
    node.attributes["axis"] = nil
    node.attributes["broadcast"] = nil
    guard let axis, let left = node.input(0), let right = node.input(1) else { return }
    guard let rank = context.rank(of: left) else {
      throw context.refusal(node, "the rank of its first input is not known")
    }
    guard let constant = context.graph.initializers[right]?.tensor else {
      guard context.rank(of: right).map({ axis + $0 == rank }) ?? false else {
        throw context.refusal(node, "its second input is broadcast along axis \(axis) and no constant")
      }
      return
    }
    let trailing = rank - (axis < 0 ? axis + rank : axis) - constant.shape.rank
    guard trailing > 0 else { return }
    let shape = Shape(known: constant.shape.dimensions + [Int](repeating: 1, count: trailing))
    node.inputs[1] = context.constant(try constant.reshaped(to: shape), for: node, "aligned")
  }

  private static func typeName(_ name: String) -> String {
    switch name.uppercased() {
    case "FLOAT": "float32"
    case "DOUBLE": "float64"
    default: name.lowercased()
    }
  }
}
