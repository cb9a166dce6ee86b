import GraphIR

extension OpsetUpgrade {
  /// Axes became an input (13).
  static let axesToInput = Rule(["ReduceSum", "Squeeze", "Unsqueeze"], opset: 13, change: axes)

  /// Axes became an input (18).
  static let reducedAxes = Rule(
    [
      "ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax", "ReduceMean", "ReduceMin",
      "ReduceProd", "ReduceSumSquare",
    ], opset: 18, change: axes)

  @Sendable private static func axes(_ node: Node, _ context: inout OpsetUpgradeContext) -> [Node] {
    guard let axes = node.ints("axes") else { return [node] }
    var node = node
    node.attributes["axes"] = nil
    node.inputs = [node.inputs.first ?? "", context.constant(axes, for: node, "axes")]
    return [node]
  }

  /// The sizes of the parts became an input (13).
  static let split = Rule(["Split"], opset: 13) { node, context in
    guard let sizes = node.ints("split") else { return [node] }
    var node = node
    node.attributes["split"] = nil
    node.inputs = [node.inputs.first ?? "", context.constant(sizes, for: node, "split")]
    return [node]
  }

  /// The bounds became inputs (11).
  static let clip = Rule(["Clip"], opset: 11) { node, context in
    guard node.attributes["min"] != nil || node.attributes["max"] != nil else { return [node] }
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
  static let dropout = Rule(["Dropout"], opset: 12) { node, context in
    if let mask = node.outputs.dropFirst().first, context.isRead(mask) {
      throw context.refusal(node, "its mask is read")
    }
    var node = node
    node.attributes["ratio"] = nil
    node.outputs = Array(node.outputs.prefix(1))
    return [node]
  }

  /// The switch for statistics per activation went away (9), but some exporters went on writing it.
  static let batchNormalization = Rule(["BatchNormalization"], opset: 13) { node, context in
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
  static let pad = Rule(["Pad"], opset: 11) { node, context in
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
  static let slice = Rule(["Slice"], opset: 10) { node, context in
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
  static let topK = Rule(["TopK"], opset: 10) { node, context in
    guard let count = node.int("k") else { return [node] }
    var node = node
    node.attributes["k"] = nil
    node.inputs = [node.inputs.first ?? "", context.constant([count], for: node, "k")]
    return [node]
  }

  /// Renamed (11).
  static let scatter = Rule(["Scatter"], opset: 11) { node, _ in
    [
      Node(
        name: node.name, kind: "ScatterElements", inputs: node.inputs, outputs: node.outputs,
        attributes: node.attributes)
    ]
  }

  /// The scales became an input (9).
  static let upsampleScales = Rule(["Upsample"], opset: 9) { node, context in
    guard let scales = node.floats("scales") else { return [node] }
    var node = node
    node.attributes["scales"] = nil
    node.inputs = [node.inputs.first ?? "", context.constant(scales, for: node, "scales")]
    return [node]
  }

  /// Renamed (10).
  static let upsample = Rule(["Upsample"], opset: 10) { node, _ in
    var node = node
    node.kind = "Resize"
    return [node]
  }

  /// `Upsample` and the first `Resize` sample at x / scale, rounding down when nearest; since 11 that is one way of many.
  static let resize = Rule(["Resize"], opset: 11) { node, _ in
    guard node.inputs.count == 2, let input = node.input(0), let scales = node.input(1) else { return [node] }
    var node = node
    node.inputs = [input, "", scales]
    node.attributes["coordinate_transformation_mode"] = .string("asymmetric")
    node.attributes["nearest_mode"] = .string("floor")
    return [node]
  }

  /// A way of finding pixels went away (13).
  static let pixels = Rule(["Resize"], opset: 13) { node, context in
    guard node.string("coordinate_transformation_mode") != "tf_half_pixel_for_nn" else {
      throw context.refusal(node, "it finds pixels as tf_half_pixel_for_nn, which went away")
    }
    return [node]
  }

  /// Before 13, `Softmax` and its kin worked on the input flattened to two dimensions at `axis` (1 by
  /// default); since, on that one axis. The same where it is the last; elsewhere the flattening is written
  /// out.
  static let flattening = Rule(["Softmax", "LogSoftmax", "Hardmax"], opset: 13) { node, context in
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
