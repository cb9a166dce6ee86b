import GraphIR
import Operators
import TensorCore

/// Computes what stands between a constant and its readers: a weight that is transposed, reshaped, cast or passed through
/// is that weight.
struct FoldedConstants: LayerFormRule {
  private static let kinds: Set<OperatorKind> = [
    "Transpose", "Reshape", "Cast", "CastLike", "Squeeze", "Unsqueeze", "Flatten", "Slice",
    "Concat",
    "Neg", "QuantizeLinear",
  ]

  func apply(to editor: inout FormEditor) throws {
    // What one turn folds may stand before another Identity.
    var count: Int
    repeat {
      count = editor.graph.nodes.count
      passIdentities(&editor)
      fold(&editor)
    } while editor.graph.nodes.count < count
  }

  private func fold(_ editor: inout FormEditor) {
    let outputs = Set(editor.graph.outputs.map(\.name))
    let readers = editor.graph.readCounts
    editor.rewrite { node, editor in
      guard FoldedConstants.kinds.contains(node.kind), let output = node.outputs.first, !output.isEmpty,
        node.outputs.count == 1, !outputs.contains(output), let input = node.input(0),
        let weight = editor.weight(input), weight.dataType.isFloatingPoint, weight.shape.count > 1,
        // A copy of a weight that others read too would be a second weight.
        readers[input] == 1, let folded = folded(node, weight, editor)
      else { return nil }
      editor.define(output, as: folded)
      return []
    }
  }

  /// What an Identity only gives another name goes by its first.
  private func passIdentities(_ editor: inout FormEditor) {
    let outputs = Set(editor.graph.outputs.map(\.name))
    var names: [String: String] = [:]
    editor.graph.nodes = editor.graph.nodes.filter { node in
      guard node.kind == "Identity", let input = node.input(0), let output = node.outputs.first,
        !outputs.contains(output), editor.weight(names[input] ?? input) != nil
      else { return true }
      names[output] = names[input] ?? input
      return false
    }
    if !names.isEmpty { editor.graph = editor.graph.renamingReads(names) }
  }

  private func folded(_ node: Node, _ weight: Weight, _ editor: FormEditor) -> Weight? {
    if case .quantized(let tensor) = weight { return quantized(node, tensor) }
    var inputs: [RuntimeValue?] = []
    for name in node.inputs {
      if name.isEmpty {
        inputs.append(nil)
      } else if let tensor = editor.constant(name) {
        inputs.append(.tensor(tensor))
      } else {
        return nil
      }
    }
    let call = OperatorCall(
      node: node, opset: editor.graph.opset(of: node.kind), inputs: inputs, table: .for(.portable)
    ) { _, _ in [] }
    // What cannot be folded is left to the run, which tells what is wrong.
    guard let member = try? OperatorRegistry.standard.find(node, opset: call.opset),
      let results = try? member.evaluate(call), case .tensor(let tensor)?? = results.first
    else { return nil }
    return .dense(tensor)
  }

  /// Codes that are transposed take their scales along.
  private func quantized(_ node: Node, _ tensor: QuantizedTensor) -> Weight? {
    guard node.kind == "Transpose", node.ints("perm") ?? [1, 0] == [1, 0] else { return nil }
    return tensor.transposed.map { .quantized($0) }
  }
}

extension Graph {
  /// How often each value is read, by nested graphs and as an output too.
  var readCounts: [String: Int] {
    var counts: [String: Int] = [:]
    for output in outputs { counts[output.name, default: 0] += 1 }
    for node in nodes {
      for input in node.inputs where !input.isEmpty { counts[input, default: 0] += 1 }
      for case .graph(let body) in node.attributes.values { counts.merge(body.readCounts) { $0 + $1 } }
    }
    return counts
  }

  /// The graph whose nodes, nested ones included, read other names.
  fileprivate func renamingReads(_ names: [String: String]) -> Graph {
    var graph = self
    for index in graph.nodes.indices {
      graph.nodes[index].inputs = graph.nodes[index].inputs.map { names[$0] ?? $0 }
      for (key, attribute) in graph.nodes[index].attributes {
        if case .graph(let body) = attribute {
          graph.nodes[index].attributes[key] = .graph(body.renamingReads(names))
        }
      }
    }
    return graph
  }
}
