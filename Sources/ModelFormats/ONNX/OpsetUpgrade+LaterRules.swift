import GraphIR
import TensorCore

/// Changes of operator sets 9 and 14 to 21 that few operators use.
extension OpsetUpgrade {
  /// Batches and lengths of sequences went away (9).
  static let scan = Rule(["Scan"], opset: 9) { node, context in
    throw context.refusal(node, "it runs over batches of sequences, which went away")
  }

  /// Running statistics are given back in another form (14).
  static let trainedStatistics = Rule(["BatchNormalization"], opset: 14) { node, context in
    if node.outputs.dropFirst().contains(where: context.isRead) {
      throw context.refusal(node, "it computes statistics for training")
    }
    var node = node
    node.outputs = Array(node.outputs.prefix(1))
    return [node]
  }

  /// Half a pixel is taken off unless the node says otherwise (16).
  static let roiAlign = Rule(["RoiAlign"], opset: 16) { node, _ in
    guard node.string("coordinate_transformation_mode") == nil else { return [node] }
    var node = node
    node.attributes["coordinate_transformation_mode"] = .string("output_half_pixel")
    return [node]
  }

  /// Equal parts are asked for by their number (18).
  static let parts = Rule(["Split"], opset: 18) { node, _ in
    guard node.input(1) == nil, node.int("num_outputs") == nil else { return [node] }
    var node = node
    node.attributes["num_outputs"] = .int(node.outputs.count)
    return [node]
  }

  /// Interpolations got the names that `Resize` has for them (20).
  static let gridSample = Rule(["GridSample"], opset: 20) { node, _ in
    guard let mode = node.string("mode") else { return [node] }
    var node = node
    node.attributes["mode"] = .string(["bilinear": "linear", "bicubic": "cubic"][mode] ?? mode)
    return [node]
  }

  /// The axis became an input, with another one taken where it is omitted (20).
  static let transformedAxis = Rule(["DFT"], opset: 20) { node, context in
    guard node.inputs.count < 3 else { return [node] }
    var node = node
    let axis = context.constant(Tensor(scalar: Int64(node.int("axis") ?? 1)), for: node, "axis")
    node.attributes["axis"] = nil
    node.inputs = [node.inputs.first ?? "", node.input(1) ?? "", axis]
    return [node]
  }

  /// Scales and biases belong to channels instead of groups (21): each is repeated for the channels of its group.
  static let groupNormalization = Rule(["GroupNormalization"], opset: 21) { node, context in
    guard node.inputs.count == 3, let groups = node.int("num_groups") else { return [node] }
    var node = node
    func fresh(_ what: String) -> String { context.names.fresh("\(node.name)_\(what)") }
    func step(_ kind: OperatorKind, _ inputs: [String], _ attributes: [String: Attribute] = [:]) -> Node {
      Node(
        name: fresh(kind.type.lowercased()), kind: kind, inputs: inputs,
        outputs: [fresh("\(kind.type.lowercased())_value")], attributes: attributes)
    }
    var steps = [step("Shape", [node.inputs[0]], ["start": .int(1), "end": .int(2)])]
    steps.append(step("Div", [steps[0].outputs[0], context.constant([groups], for: node, "groups")]))
    let one = context.constant([1], for: node, "one")
    steps.append(step("Concat", [one, steps[1].outputs[0]], ["axis": .int(0)]))
    let repeated = steps[2].outputs[0]
    for index in 1...2 {
      let column = step(
        "Reshape", [node.inputs[index], context.constant([groups, 1], for: node, "column")])
      let wide = step("Expand", [column.outputs[0], repeated])
      let list = step("Reshape", [wide.outputs[0], context.constant([-1], for: node, "list")])
      steps += [column, wide, list]
      node.inputs[index] = list.outputs[0]
    }
    return steps + [node]
  }
}
