import GraphIR
import Operators
import TensorCore

/// Computes what stands between a constant and its readers: a weight that is transposed, reshaped, cast or passed through
/// is that weight.
struct FoldedConstants: LayerFormRule {
  private static let kinds: Set<OperatorKind> = [
    "Transpose", "Reshape", "Identity", "Cast", "CastLike", "Squeeze", "Unsqueeze", "Flatten", "Slice",
    "Concat",
    "Neg", "QuantizeLinear",
  ]

  func apply(to editor: inout FormEditor) throws {
    let outputs = Set(editor.graph.outputs.map(\.name))
    editor.rewrite { node, editor in
      guard FoldedConstants.kinds.contains(node.kind), let output = node.outputs.first, !output.isEmpty,
        node.outputs.count == 1, !outputs.contains(output), let input = node.input(0),
        let weight = editor.weight(input)
      else { return nil }
      guard let folded = folded(node, weight, editor) else { return nil }
      editor.define(output, as: folded)
      return []
    }
  }

  private func folded(_ node: Node, _ weight: Weight, _ editor: FormEditor) -> Weight? {
    if node.kind == "Identity" { return weight }
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
    guard node.kind == "Transpose", tensor.shape.rank == 2, node.ints("perm") ?? [1, 0] == [1, 0] else {
      return nil
    }
    let (rows, columns) = (tensor.shape[0], tensor.shape[1])
    var codes = [Int8](repeating: 0, count: tensor.codes.count)
    for row in 0..<rows {
      for column in 0..<columns { codes[column * rows + row] = tensor.codes[row * columns + column] }
    }
    let turned = try? QuantizedTensor(
      shape: [columns, rows], bits: tensor.bits, axis: tensor.axis.map { 1 - $0 }, scales: tensor.scales,
      zeroPoints: tensor.zeroPoints, codes: codes)
    return turned.map { .quantized($0) }
  }
}
