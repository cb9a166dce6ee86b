import GraphIR
import Kernels
import Operators
import TensorCore

/// ConvTranspose with constant weights over one or two axes runs on channels-last values, with the normalization and the
/// limits behind it.
struct TransposedConvolutionRule: LoweringRule {
  let kinds: Set<OperatorKind> = ["ConvTranspose"]

  func lower(_ node: Node, in lowering: inout Lowering) throws -> Bool {
    guard let input = node.input(0), let name = node.input(1), lowering.graph.initializers[input] == nil,
      let weight = lowering.constant(name), weight.dataType == .float32,
      let window = try TransposedConvolutionPlan(lowering.site(of: node)).window,
      let tail = Tail(node, window, in: lowering)
    else { return false }
    let type = try lowering.type(of: input)
    guard type.dataType == .float32, type.shape.count > 0 else { return false }
    var values = weight.floats
    if let factors = tail.factors {
      let taps = window.rows.kernel * window.columns.kernel
      for index in values.indices { values[index] *= factors[index / taps % window.outputs] }
    }
    let kernel = values.withUnsafeBufferPointer {
      TransposedConvolution(
        weights: $0, bias: tail.bias, window: window, activation: tail.activation, table: lowering.table)
    }
    let pixels = type.shape[0] * window.rows.input * window.columns.input
    let macs = pixels * window.channels * window.patch
    let weightBytes = kernel.packedBytes + tail.bias.count * MemoryLayout<Float>.stride
    let x = try lowering.value(input, in: .channelsLast)
    let output = lowering.define(tail.output, as: .channelsLast, home: .arena)
    let body = TransposedBody(kernel: kernel)
    lowering.covered.formUnion(tail.nodes.map(\.name))
    lowering.program.steps.append(
      Program.Step(
        title: tail.nodes.map(\.kind.description).joined(separator: "+"), nodes: tail.nodes.map(\.name),
        kernel: .product(kernel.identity), layer: node.name, body: body.body(images: type.shape[0]),
        weightBytes: weightBytes, inputs: [x], outputs: [output],
        slicings: body.slicings(images: type.shape[0]), nanoseconds: Double(macs) / 30, fewestSamples: 1))
    lowering.program.layers.append(
      PlannedLayer(
        node: node.name, kernel: kernel.identity, rows: pixels, macs: macs, weightBytes: weightBytes,
        remark: nil))
    return true
  }

  /// What is done to the outputs on their way out: the node's own bias, and those of its readers that can be.
  private struct Tail {
    var nodes: [Node]
    var output: String
    var factors: [Float]?
    var bias: [Float] = []
    var activation = FusedActivation.none

    /// Nil where the bias is not constant.
    init?(_ node: Node, _ window: TransposedWindow, in lowering: Lowering) {
      guard let output = node.outputs.first else { return nil }
      nodes = [node]
      self.output = output
      if let name = node.input(2) {
        guard let bias = lowering.constant(name), bias.dataType == .float32 else { return nil }
        self.bias = bias.floats
      }
      if let next = lowering.onlyReader(of: output), next.input(0) == output, let result = next.outputs.first,
        let normalization = ChannelNormalization(
          next, channels: window.outputs, constant: lowering.constant)
      {
        factors = normalization.factors
        let own = bias.isEmpty ? normalization.factors.map { _ in 0 } : bias
        bias = zip(zip(own, normalization.factors), normalization.offsets).map { $0.0 * $0.1 + $1 }
        nodes.append(next)
        self.output = result
      }
      if let next = lowering.onlyReader(of: self.output), next.kind == "Relu", let result = next.outputs.first
      {
        activation = .relu
        nodes.append(next)
        self.output = result
      }
    }
  }
}
