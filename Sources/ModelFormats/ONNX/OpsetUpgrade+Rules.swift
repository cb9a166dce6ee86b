import GraphIR

extension OpsetUpgrade {
  /// Axes became an input (13).
  static let axesToInput: Rule = { node, context in
    guard let axes = node.ints("axes") else { return [node] }
    var node = node
    node.attributes["axes"] = nil
    node.inputs = [node.inputs.first ?? "", context.constant(axes, for: node, "axes")]
    return [node]
  }

  /// The sizes of the parts became an input (13).
  static let split: Rule = { node, context in
    guard let sizes = node.ints("split") else { return [node] }
    var node = node
    node.attributes["split"] = nil
    node.inputs = [node.inputs.first ?? "", context.constant(sizes, for: node, "split")]
    return [node]
  }

  /// The bounds became inputs (11).
  static let clip: Rule = { node, context in
    guard context.graph.opset < 11 else { return [node] }
    var node = node
    var bounds = ["", ""]
    if let low = node.float("min") { bounds[0] = context.constant(low, for: node, "min") }
    if let high = node.float("max") { bounds[1] = context.constant(high, for: node, "max") }
    node.attributes["min"] = nil
    node.attributes["max"] = nil
    while bounds.last == "" { bounds.removeLast() }
    node.inputs = node.inputs.prefix(1) + bounds
    return [node]
  }

  /// Ratio and mode became inputs, and the mask Boolean (10, 12). When running, the operator passes its input
  /// through.
  static let dropout: Rule = { node, context in
    if let mask = node.outputs.dropFirst().first, context.isRead(mask) {
      throw context.refusal(node, "its mask is read")
    }
    var node = node
    node.attributes["ratio"] = nil
    node.outputs = Array(node.outputs.prefix(1))
    return [node]
  }

  /// The switch for statistics per activation went away (9).
  static let batchNormalization: Rule = { node, context in
    guard node.int("spatial") ?? 1 == 1 else {
      throw context.refusal(node, "it has statistics per activation")
    }
    if node.outputs.dropFirst().contains(where: context.isRead) {
      throw context.refusal(node, "it computes statistics for training")
    }
    var node = node
    node.attributes["spatial"] = nil
    node.outputs = Array(node.outputs.prefix(1))
    return [node]
  }

  /// The amounts and the value became inputs (11).
  static let pad: Rule = { node, context in
    guard let pads = node.ints("pads") else { return [node] }
    var node = node
    let value = node.float("value")
    node.attributes["pads"] = nil
    node.attributes["value"] = nil
    node.inputs = [node.inputs.first ?? "", context.constant(pads, for: node, "pads")]
    if let value, value != 0 { node.inputs.append(context.constant(value, for: node, "value")) }
    return [node]
  }

  /// Starts, ends and axes became inputs (10).
  static let slice: Rule = { node, context in
    guard let starts = node.ints("starts"), let ends = node.ints("ends") else { return [node] }
    var node = node
    let axes = node.ints("axes")
    for key in ["starts", "ends", "axes"] { node.attributes[key] = nil }
    node.inputs = [
      node.inputs.first ?? "", context.constant(starts, for: node, "starts"),
      context.constant(ends, for: node, "ends"),
    ]
    if let axes { node.inputs.append(context.constant(axes, for: node, "axes")) }
    return [node]
  }

  /// The count became an input (10).
  static let topK: Rule = { node, context in
    guard let count = node.int("k") else { return [node] }
    var node = node
    node.attributes["k"] = nil
    node.inputs = [node.inputs.first ?? "", context.constant([count], for: node, "k")]
    return [node]
  }

  /// Renamed (11).
  static let scatter: Rule = { node, _ in
    [
      Node(
        name: node.name, kind: "ScatterElements", inputs: node.inputs, outputs: node.outputs,
        attributes: node.attributes)
    ]
  }

  /// `Upsample` (7, 9) and the first `Resize` (10) sample at x / scale, rounding down when nearest.
  static let resize: Rule = { node, context in
    guard node.kind == "Upsample" || context.graph.opset < 11 else { return [node] }
    var attributes = node.attributes
    let scales = node.input(1) ?? node.floats("scales").map { context.constant($0, for: node, "scales") }
    guard let input = node.input(0), let scales else { throw context.refusal(node, "its scales are missing") }
    attributes["scales"] = nil
    attributes["coordinate_transformation_mode"] = .string("asymmetric")
    attributes["nearest_mode"] = .string("floor")
    return [
      Node(
        name: node.name, kind: "Resize", inputs: [input, "", scales], outputs: node.outputs,
        attributes: attributes)
    ]
  }

  /// Before 13, `Softmax` and its kin worked on the input flattened to two dimensions at `axis` (1 by
  /// default); since, on that one axis. The same where it is the last; elsewhere the flattening is written
  /// out.
  static let flattening: Rule = { node, context in
    guard let input = node.input(0), let output = node.outputs.first else {
      throw context.refusal(node, "its input or output is missing")
    }
    let axis = node.int("axis") ?? 1
    var core = node
    core.attributes["axis"] = .int(-1)
    if axis == -1 || context.rank(of: input).map({ (axis < 0 ? axis + $0 : axis) == $0 - 1 }) ?? false {
      return [core]
    }
    let shape = context.names.fresh(node.name + "_shape")
    let flat = context.names.fresh(node.name + "_flat")
    let result = context.names.fresh(node.name + "_rows")
    core.inputs = [flat]
    core.outputs = [result]
    return [
      Node(name: context.names.fresh(node.name + "/shape"), kind: "Shape", inputs: [input], outputs: [shape]),
      Node(
        name: context.names.fresh(node.name + "/flatten"), kind: "Flatten", inputs: [input], outputs: [flat],
        attributes: ["axis": .int(axis)]),
      core,
      Node(
        name: context.names.fresh(node.name + "/reshape"), kind: "Reshape", inputs: [result, shape],
        outputs: [output]),
    ]
  }
}
