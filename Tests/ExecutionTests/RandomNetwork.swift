import GraphIR
import TensorCore

/// Seeded random convolutional networks with residuals, concatenation, pooling, normalization and a dense head.
enum RandomNetwork {
  static func make(seed: UInt64, quantized: Bool = false) -> (graph: Graph, data: [String: Tensor]) {
    let builder = GraphBuilder(seed: seed)
    var shape = [builder.int(1...2), builder.int(1...5), builder.int(6...13), builder.int(6...13)]
    var value = builder.input("x", shape)
    var outputs: [String] = []
    for _ in 0..<builder.int(3...7) {
      switch builder.int(0...(quantized ? 4 : 9)) {
      case 0...3: value = convolution(builder, value, &shape, quantized: quantized)
      case 4:
        guard shape[2] >= 4, shape[3] >= 4 else { continue }
        let kind: OperatorKind = builder.flip() ? "MaxPool" : "AveragePool"
        let pad = builder.int(0...1)
        value = builder.node(
          kind, [value],
          ["kernel_shape": .ints([3, 3]), "strides": .ints([2, 2]), "pads": .ints([pad, pad, pad, pad])])
        shape[2] = (shape[2] + 2 * pad - 3) / 2 + 1
        shape[3] = (shape[3] + 2 * pad - 3) / 2 + 1
      case 5: value = builder.batchNorm(value, channels: shape[1])
      case 6:
        let other = builder.node("Sigmoid", [value])
        value = builder.node("Concat", [value, other], ["axis": .int(1)])
        shape[1] *= 2
      case 7:
        // A residual block.
        var inner = shape
        let left = convolution(builder, value, &inner, keep: true)
        let right = builder.flip() ? value : convolution(builder, value, &inner, keep: true)
        value = builder.node("Relu", [builder.node("Add", builder.flip() ? [left, right] : [right, left])])
      case 8: value = builder.node("Mul", [value, builder.weight([1, shape[1], 1, 1], scale: 1)])
      default:
        // Squeeze and excitation.
        let pooled = builder.node("GlobalAveragePool", [value])
        let gate = builder.node(
          "Sigmoid", [builder.node("Conv", [pooled, builder.weight([shape[1], shape[1], 1, 1])])])
        value = builder.node("Mul", [value, gate])
      }
      if builder.int(0...5) == 0 { outputs.append(builder.node("HardSigmoid", [value])) }
    }
    let count = shape[1] * shape[2] * shape[3]
    value = builder.node("Flatten", [value], ["axis": .int(1)])
    if quantized { value = builder.fake8(value) }
    let weight =
      quantized
      ? builder.quantized([count, 7], bits: .int8, axis: 1) : builder.weight([count, 7], scale: 0.1)
    value = builder.node("Gemm", [value, weight, builder.weight([7])])
    outputs.append(builder.node("Softmax", [value]))
    outputs.append(value)
    return (builder.graph(outputs), builder.data())
  }

  private static func convolution(
    _ builder: GraphBuilder, _ value: String, _ shape: inout [Int], keep: Bool = false,
    quantized: Bool = false
  ) -> String {
    let depthwise = builder.int(0...3) == 0
    let groups = depthwise ? shape[1] : 1
    let outputs = keep || depthwise ? shape[1] : builder.int(1...20)
    let size = builder.int(0...1) * 2 + 1
    let stride = keep ? 1 : builder.int(1...2)
    let pad = size / 2
    let shapeOfWeight = [outputs, shape[1] / groups, size, size]
    let weight =
      quantized ? builder.quantized(shapeOfWeight, bits: .int8, axis: 0) : builder.weight(shapeOfWeight)
    var inputs = [quantized ? builder.fake8(value) : value, weight]
    if builder.flip() { inputs.append(builder.weight([outputs])) }
    var result = builder.node(
      "Conv", inputs,
      [
        "kernel_shape": .ints([size, size]), "strides": .ints([stride, stride]),
        "pads": .ints([pad, pad, pad, pad]), "group": .int(groups),
      ])
    shape[1] = outputs
    shape[2] = (shape[2] + 2 * pad - size) / stride + 1
    shape[3] = (shape[3] + 2 * pad - size) / stride + 1
    if builder.flip() && !quantized { result = builder.batchNorm(result, channels: outputs) }
    switch builder.int(0...2) {
    case 0: result = builder.node("Relu", [result])
    case 1: result = builder.node("Clip", [result, builder.scalar(0), builder.scalar(6)])
    default: break
    }
    return result
  }
}
