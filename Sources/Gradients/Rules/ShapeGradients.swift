import GraphIR
import Rewriting

extension GradientRule {
  /// The elements stay as they are.
  static let reshape = GradientRule("Reshape", "Flatten", "Squeeze", "Unsqueeze") { builder, node, place, g in
    place == 0 ? try builder.reshaped(g, to: builder.shape(of: node.inputs[0])) : nil
  }

  /// What was repeated adds up.
  static let expand = GradientRule("Expand") { builder, node, place, g in
    place == 0 ? try builder.unbroadcast(g, to: builder.shape(of: node.inputs[0])) : nil
  }
}
