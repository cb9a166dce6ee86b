import GraphIR
import TensorCore

/// A BatchNormalization with constant statistics as it acts on each channel: `y = x * factor + offset`.
struct ChannelNormalization {
  let factors: [Float]
  let offsets: [Float]

  /// Nil where the statistics are not constant, do not fit, or the node is in training mode.
  init?(_ node: Node, channels: Int, constant: (String?) -> Tensor?) {
    guard node.kind == "BatchNormalization", (node.int("training_mode") ?? 0) == 0,
      (node.int("spatial") ?? 1) == 1,
      node.outputs.dropFirst().allSatisfy({ $0.isEmpty }),
      let scale = constant(node.input(1))?.floats, let bias = constant(node.input(2))?.floats,
      let mean = constant(node.input(3))?.floats, let variance = constant(node.input(4))?.floats,
      [scale, bias, mean, variance].allSatisfy({ $0.count == channels })
    else { return nil }
    let epsilon = Double(node.float("epsilon") ?? 1e-5)
    // In double, since the result is rounded into the weights once and for all.
    let exact = (0..<channels).map { Double(scale[$0]) / (Double(variance[$0]) + epsilon).squareRoot() }
    factors = exact.map(Float.init)
    offsets = (0..<channels).map { Float(Double(bias[$0]) - Double(mean[$0]) * exact[$0]) }
  }
}
