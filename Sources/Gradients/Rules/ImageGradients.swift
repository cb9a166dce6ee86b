import GraphIR
import Operators
import Rewriting

extension GradientRule {
  /// The bias is no input.
  static let imageScaler = GradientRule("ImageScaler") { builder, node, _, g in
    try builder.add("Mul", [g, builder.scalar(Double(node.float("scale") ?? 1), like: g)])
  }

  /// What was cropped has no say in the output.
  static let crop = GradientRule("Crop") { builder, node, _, g in
    let site = try builder.site(of: node)
    let shape = try builder.shape(of: node.inputs[0])
    let window = try CropWindow(site)
    let after = zip(window.ends, [shape[2], shape[3]]).map { $1 - $0 }
    let pads = [0, 0] + window.starts + [0, 0] + after
    if builder.graph.opset < 11 { return try builder.add("Pad", [g], ["pads": .ints(pads)]) }
    return try builder.add("Pad", [g, builder.integers(pads, "pads")])
  }
}
