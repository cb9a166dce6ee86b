import GraphIR
import TensorCore

/// Replaces every node whose values do not depend on the inputs by those values, which inferring types has computed; in a
/// plan, where nothing is written again.
///
/// 8-bit codes behind a DequantizeLinear, as other tools export them, become a quantized weight, which runs faster than
/// its values.
struct FoldConstants: GraphPass {
  let label = "fold constants"

  func run(_ builder: inout GraphBuilder) throws {
    let base = builder.base
    for node in base.graph.nodes where base.foldedNodes.contains(node.name) {
      builder.remove(node.name)
      if let output = node.outputs.first, base.types[output]?.dataType == .float32,
        let weight = node.dequantizedWeight(constant: { builder.dense($0) }), weight.shape.rank >= 2
      {
        builder.set(.quantized(weight), named: output)
        continue
      }
      for output in node.outputs where !output.isEmpty {
        if let tensor = base.constants[output] { builder.set(.dense(tensor), named: output) }
      }
    }
  }
}

extension PassList {
  /// What is done first to a graph whose types are known.
  static let folding = PassList(name: "folding", passes: [FoldConstants()])
}
