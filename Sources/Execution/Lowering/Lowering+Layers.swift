import GraphIR
import Kernels
import Operators
import TensorCore

extension Lowering {
  /// Adds the step of a weight layer and of everything fused into it.
  mutating func lower(_ group: LayerGroup) throws {
    switch group.layer.form {
    case .product(let rows, let transposed): try lowerProduct(group, rows: rows, transposed: transposed)
    case .convolution(let window, let groups):
      if group.layer.isDepthwise {
        try lowerDepthwise(group, window)
      } else {
        try lowerConvolution(group, window, groups: groups)
      }
    }
  }

  private mutating func lowerProduct(_ group: LayerGroup, rows: Int, transposed: Bool) throws {
    let layer = group.layer
    let name = group.source?.name ?? layer.input
    let found = try value(name)
    var x = found.id
    var columns = Array(0..<layer.depth)
    if case .flattened(let channels, let area) = found.layout, channels * area == layer.depth {
      // The data's columns come in the order (place, channel): take the weights in the same order.
      for place in 0..<area {
        for channel in 0..<channels { columns[place * channels + channel] = channel * area + place }
      }
    } else if found.layout != .plain {
      x = try value(name, in: .plain)
    }
    let weight = try weight(of: layer)
    let matrix = LayerMatrix(
      weight, outputs: layer.outputs, outputAxis: layer.outputAxis, start: 0,
      outputStride: transposed ? layer.depth : 1,
      offsets: transposed ? columns : columns.map { $0 * layer.outputs }, factors: group.factors)
    let selector = selector
    let (scale, target) = (group.source?.scale, group.target)
    let selection = select(matrix, for: group, rows: rows)
    let body = ProductBody(
      kernel: selection.kernel, epilogue: LayerEpilogue(bias: group.bias, activation: group.activation),
      outputs: layer.outputs, depth: layer.depth)
    var slicings = [
      body.rowSlicing(rows: rows),
      body.outputSlicing(rows: rows) {
        selector.part($0, of: matrix, like: selection, input: scale, target: target, rows: rows)
      },
    ]
    let samples = try type(of: name).shape.dimensions.first ?? 1
    let isCut = samples > 1 && rows % samples == 0
    if isCut { slicings.append(body.sampleSlicing(rows: rows, samples: samples)) }
    try emit(
      group, body: body.body(rows: rows), x: x, layout: .plain, selection: selection, slicings: slicings,
      // Each tile reads all weights: worth while from a block of rows on.
      fewestSamples: isCut ? max(1, 96 * samples / rows) : nil)
  }

  private mutating func lowerConvolution(_ group: LayerGroup, _ window: WindowGeometry, groups: Int) throws {
    let layer = group.layer
    let x = try value(group.source?.name ?? layer.input, in: .channelsLast)
    let area = window.kernelHeight * window.kernelWidth
    let channels = window.channels / groups
    var offsets = [Int](repeating: 0, count: layer.depth)
    for place in 0..<area {
      for channel in 0..<channels { offsets[place * channels + channel] = channel * area + place }
    }
    let weight = try weight(of: layer)
    let outputs = layer.outputs / groups
    var kernels: [LayerKernel] = []
    var first: KernelSelection?
    for index in 0..<groups {
      let matrix = LayerMatrix(
        weight, outputs: outputs, outputAxis: 0, start: index * outputs * layer.depth,
        outputStride: layer.depth,
        offsets: offsets, factors: group.factors.map { Array($0[index * outputs..<(index + 1) * outputs]) })
      let selection = select(matrix, for: group, rows: layer.rows)
      kernels.append(selection.kernel)
      if first == nil { first = selection }
    }
    guard let first else { return }
    let body = ConvolutionBody(
      window: window.kernelWindow(groupChannels: channels), kernels: kernels,
      epilogue: LayerEpilogue(bias: group.bias, activation: group.activation), outputs: layer.outputs)
    try emit(
      group, body: body.body(images: window.batch), x: x, layout: .channelsLast, selection: first,
      slicings: body.slicings(images: window.batch), fewestSamples: 1)
  }

  private mutating func lowerDepthwise(_ group: LayerGroup, _ window: WindowGeometry) throws {
    let layer = group.layer
    let x = try value(group.source?.name ?? layer.input, in: .channelsLast)
    let matrix = LayerMatrix(
      try weight(of: layer), outputs: layer.outputs, outputAxis: 0, start: 0, outputStride: layer.depth,
      offsets: Array(0..<layer.depth), factors: group.factors)
    let body = DepthwiseBody(
      matrix, window: window.kernelWindow(groupChannels: layer.outputs), input: group.source?.scale,
      target: group.target,
      epilogue: LayerEpilogue(bias: group.bias, activation: group.activation), table: table)
    var remark: String?
    switch matrix.form {
    case .codes where group.source == nil: remark = "activations are 32 bits: runs as float"
    case .half: remark = "no 16-bit kernel for depthwise convolutions: runs as float"
    default: if matrix.density < 0.95 { remark = "no sparse kernel for depthwise convolutions" }
    }
    try emit(
      group, body: body.body(images: window.batch), x: x, layout: .channelsLast, kernel: body.name,
      remark: remark,
      slicings: body.slicings(images: window.batch), fewestSamples: 1)
  }

  private var selector: KernelSelector {
    KernelSelector(table: table, policy: options.sparse, choices: options.choices)
  }

  private func select(_ matrix: LayerMatrix, for group: LayerGroup, rows: Int) -> KernelSelection {
    selector.select(
      matrix, input: group.source?.scale, target: group.target, rows: rows,
      layer: graph.nodes[group.layer.node].name)
  }

  private func weight(of layer: WeightLayer) throws -> Weight {
    guard let weight = graph.initializers[layer.weight] else {
      throw GraphError.undefinedValue(name: layer.weight, node: graph.nodes[layer.node].name)
    }
    return weight
  }

  private mutating func emit(
    _ group: LayerGroup, body: OperatorBody, x: ValueID, layout: Layout, selection: KernelSelection,
    slicings: [Slicing], fewestSamples: Int?
  ) throws {
    try emit(
      group, body: body, x: x, layout: layout, kernel: selection.name, remark: selection.remark,
      slicings: slicings,
      fewestSamples: fewestSamples)
  }

  private mutating func emit(
    _ group: LayerGroup, body: OperatorBody, x: ValueID, layout: Layout, kernel: String, remark: String?,
    slicings: [Slicing], fewestSamples: Int?
  ) throws {
    let residual = try group.residual.map { try value($0, in: layout) }
    let output = define(group.output, as: layout, home: .arena)
    let nodes = group.nodes.map { graph.nodes[$0] }
    let layer = group.layer
    let macs = layer.rows * layer.outputs * layer.depth
    // About 30 multiply-accumulates a nanosecond, or 20 bytes of weights.
    let nanoseconds = max(Double(macs) / 30, Double(layer.outputs * layer.depth) / 5)
    program.steps.append(
      Program.Step(
        title: nodes.map(\.kind.description).joined(separator: "+"), nodes: nodes.map(\.name), kernel: kernel,
        layer: nodes[0].name, body: body, inputs: [x, residual], outputs: [output], slicings: slicings,
        nanoseconds: nanoseconds, fewestSamples: fewestSamples))
    program.layers.append(
      PlannedLayer(node: nodes[0].name, kernel: kernel, rows: layer.rows, macs: macs, remark: remark))
  }
}
