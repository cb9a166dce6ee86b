import GraphIR
import TensorCore

/// Layers that ONNX Runtime's optimizer fused with what stands behind them are taken apart again: plans fuse them anew,
/// whatever form the weight has by then.
struct FusedOperators: LayerFormRule {
  func apply(to editor: inout FormEditor) throws {
    editor.rewrite { node, editor in
      guard node.kind.domain == "com.microsoft" else { return nil }
      return switch node.kind.type {
      case "FusedConv": activated(node, "Conv", &editor)
      case "FusedGemm": activated(node, "Gemm", &editor)
      case "FusedMatMul": product(node, &editor)
      default: nil
      }
    }
  }

  private func activated(_ node: Node, _ kind: OperatorKind, _ editor: inout FormEditor) -> [Node]? {
    guard let activation = node.string("activation"), node.inputs.count <= 3 else { return nil }
    var attributes: [String: Attribute] = [:]
    var inputs: [String] = []
    let result = editor.fresh("\(node.name)/before-activation")
    let parameters = node.floats("activation_params") ?? []
    switch activation {
    case "Relu", "Tanh", "Sigmoid": break
    case "LeakyRelu":
      attributes["alpha"] = .float(node.float("activation_alpha") ?? parameters.first ?? 0.01)
    case "Clip":
      guard parameters.count == 2 else { return nil }
      inputs = [
        editor.add(parameters[0], "\(node.name)/low"), editor.add(parameters[1], "\(node.name)/high"),
      ]
    case "HardSigmoid":
      attributes["alpha"] = .float(node.float("activation_alpha") ?? parameters.first ?? 0.2)
      attributes["beta"] = .float(node.float("activation_beta") ?? parameters.dropFirst().first ?? 0.5)
    default: return nil
    }
    let own = node.attributes.filter { !$0.key.hasPrefix("activation") }
    return [
      Node(name: node.name, kind: kind, inputs: node.inputs, outputs: [result], attributes: own),
      Node(
        name: editor.fresh("\(node.name)/activation"), kind: OperatorKind(activation),
        inputs: [result] + inputs,
        outputs: node.outputs, attributes: attributes),
    ]
  }

  /// alpha * op(A) op(B), where B is a constant of two dimensions.
  private func product(_ node: Node, _ editor: inout FormEditor) -> [Node]? {
    guard (node.int("transA") ?? 0) == 0, (node.int("transBatchA") ?? 0) == 0,
      (node.int("transBatchB") ?? 0) == 0,
      let name = node.input(1), let tensor = editor.constant(name), tensor.shape.rank == 2,
      tensor.dataType == .float32
    else { return nil }
    var weight = name
    if (node.int("transB") ?? 0) != 0 {
      weight = editor.add(.dense(tensor.transposedMatrix), name + "/transposed")
    }
    let alpha = node.float("alpha") ?? 1
    guard alpha != 1 else {
      return [Node(name: node.name, kind: "MatMul", inputs: [node.inputs[0], weight], outputs: node.outputs)]
    }
    let result = editor.fresh("\(node.name)/product")
    return [
      Node(name: node.name, kind: "MatMul", inputs: [node.inputs[0], weight], outputs: [result]),
      Node(
        name: editor.fresh("\(node.name)/scale"), kind: "Mul",
        inputs: [result, editor.add(alpha, "\(node.name)/alpha")], outputs: node.outputs),
    ]
  }
}
