import GraphIR
import Kernels
import Operators
import TensorCore

extension Lowering {
  /// Adds the step of a weight layer and of everything fused into it.
  mutating func lower(_ group: LayerGroup) throws {
    switch group.layer.form {
    case .product(let rows, _): try lowerProduct(group, rows: rows)
    case .convolution(let window, let groups):
      if group.layer.isDepthwise {
        try lowerDepthwise(group, window)
      } else {
        try lowerConvolution(group, window, groups: groups)
      }
    }
  }

  private mutating func lowerProduct(_ group: LayerGroup, rows: Int) throws {
    if isFactorHead(group) {
      factorHeads[group.output] = group
      return
    }
    if let head = factorHeads.removeValue(forKey: group.layer.input) {
      return try lowerPair(head, group, rows: rows)
    }
    let layer = group.layer
    let (x, matrix) = try operands(of: group)
    let selector = selector
    let (scale, target) = (group.source?.scale, group.target)
    let selection = select(matrix, for: group, rows: rows)
    let body = ProductBody(
      kernel: selection.kernel, epilogue: LayerEpilogue(bias: group.bias, activation: group.activation),
      outputs: layer.outputs, depth: layer.depth, isMeasured: group.measured != nil)
    let slicings = [
      body.rowSlicing(rows: rows),
      body.outputSlicing(rows: rows) {
        selector.part($0, of: matrix, like: selection, input: scale, target: target, rows: rows)
      },
    ]
    try emitProduct(group, body, x: x, rows: rows, selection, slicings: slicings, reading: layer.input)
  }

  /// What a product multiplies: its data as stored, and its weights with columns in the order in which the data lies.
  private mutating func operands(of group: LayerGroup) throws -> (x: ValueID, matrix: LayerMatrix) {
    let layer = group.layer
    guard case .product(_, let transposed) = layer.form else {
      throw GraphError.undefinedValue(name: layer.weight, node: graph.nodes[layer.node].name)
    }
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
    let matrix = LayerMatrix(
      try weight(of: layer), outputs: layer.outputs, outputAxis: layer.outputAxis, start: 0,
      outputStride: transposed ? layer.depth : 1,
      offsets: transposed ? columns : columns.map { $0 * layer.outputs }, factors: group.factors)
    return (x, matrix)
  }

  private mutating func emitProduct(
    _ group: LayerGroup, _ body: ProductBody, x: ValueID, rows: Int, _ selection: KernelSelection,
    slicings: [Slicing], reading name: String, head: LayerGroup? = nil
  ) throws {
    let samples = try type(of: name).shape.dimensions.first ?? 1
    // Codes of a range that was just measured come from all samples together.
    let isCut = samples > 1 && rows % samples == 0 && group.measured == nil
    try emit(
      group, head: head, body: body.body(rows: rows), x: x, layout: .plain, kernel: selection.name,
      remark: selection.remark,
      slicings: slicings + (isCut ? [body.sampleSlicing(rows: rows, samples: samples)] : []),
      // Each tile reads all weights: worth while from a block of rows on.
      fewestSamples: isCut ? max(1, 96 * samples / rows) : nil)
  }

  /// Whether a product does nothing but lead to another one over fewer columns than either side has.
  private func isFactorHead(_ group: LayerGroup) -> Bool {
    guard group.source == nil, group.target == nil, group.bias.isEmpty, group.residual == nil,
      group.activation == .none, !pinned.contains(group.output), let readers = consumers[group.output],
      readers.count == 1,
      let next = groups.anchored.values.first(where: { $0.layer.node == readers[0] }),
      case .product(let rows, _) = next.layer.form, next.layer.input == group.output, next.source == nil,
      next.residual != group.output
    else { return false }
    return rows == group.layer.rows && next.layer.depth == group.layer.outputs
      && group.layer.outputs < min(group.layer.depth, next.layer.outputs)
  }

  /// Two thin products, one after the other, block of rows by block of rows.
  private mutating func lowerPair(_ head: LayerGroup, _ group: LayerGroup, rows: Int) throws {
    let (x, first) = try operands(of: head)
    guard case .product(_, let transposed) = group.layer.form else { return }
    let columns = Array(0..<group.layer.depth)
    let second = LayerMatrix(
      try weight(of: group.layer), outputs: group.layer.outputs, outputAxis: group.layer.outputAxis, start: 0,
      outputStride: transposed ? group.layer.depth : 1,
      offsets: transposed ? columns : columns.map { $0 * group.layer.outputs }, factors: group.factors)
    let (one, two) = (select(first, for: head, rows: rows), select(second, for: group, rows: rows))
    guard case .float(let thin) = one.kernel, case .float(let wide) = two.kernel else { return }
    let body = ProductBody(
      kernel: .float(FactorPair(first: thin, second: wide)),
      epilogue: LayerEpilogue(bias: group.bias, activation: group.activation), outputs: group.layer.outputs,
      depth: head.layer.depth)
    let layer = head.layer
    program.layers.append(
      PlannedLayer(
        node: graph.nodes[layer.node].name, kernel: one.name, rows: rows,
        macs: rows * layer.outputs * layer.depth,
        remark: one.remark))
    // Where blocks of rows end depends on how many there are, and so does the order of a sparse sum.
    let slicings = one.isSparse || two.isSparse ? [] : [body.rowSlicing(rows: rows)]
    try emitProduct(
      group, body, x: x, rows: rows, two, slicings: slicings, reading: layer.input, head: head)
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
      if groups == 1, let direct = direct(matrix, selection, for: group, window) {
        return try emit(
          group, body: direct.body(images: window.batch), x: x, layout: .channelsLast,
          kernel: direct.name, remark: selection.remark,
          slicings: direct.slicings(images: window.batch), fewestSamples: 1)
      }
    }
    guard let first else { return }
    let body = ConvolutionBody(
      window: window.kernelWindow(groupChannels: channels), kernels: kernels,
      epilogue: LayerEpilogue(bias: group.bias, activation: group.activation), outputs: layer.outputs)
    try emit(
      group, body: body.body(images: window.batch), x: x, layout: .channelsLast, selection: first,
      slicings: body.slicings(images: window.batch), fewestSamples: 1)
  }

  /// The layer straight from the image, which is faster than laying its windows out (by 1.1 to 2.6 times, the fewer
  /// values they hold the more) where it is multiplied from plain floats or bytes.
  private func direct(
    _ matrix: LayerMatrix, _ selection: KernelSelection, for group: LayerGroup, _ window: WindowGeometry
  ) -> DirectBody? {
    let window = window.kernelWindow(groupChannels: window.channels)
    // A band holds the padding too, which can be larger than the image by any factor.
    let framed =
      Double(window.height + window.padTop + window.padBottom)
      * Double(window.width + window.padLeft + window.padRight) * Double(window.channels)
    guard !window.isPointwise, framed < Double(1 << 28), DirectConvolution.takes(window) else { return nil }
    if group.source == nil {
      guard selection.isDenseFloat else { return nil }
    } else {
      // Codes of fewer bits have faster products.
      guard case .codes(_, .int8, _, _) = matrix.form else { return nil }
    }
    return DirectBody(
      matrix, window: window, input: group.source?.scale, target: group.target,
      epilogue: LayerEpilogue(bias: group.bias, activation: group.activation), table: table)
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

  /// - Parameter head: the product before it that the same step computes.
  private mutating func emit(
    _ group: LayerGroup, head: LayerGroup? = nil, body: OperatorBody, x: ValueID, layout: Layout,
    kernel: String,
    remark: String?, slicings: [Slicing], fewestSamples: Int?
  ) throws {
    let residual = try group.residual.map { try value($0, in: layout) }
    var inputs: [ValueID?] = [x, residual]
    if let measured = group.measured {
      inputs += [try value(measured.scale, in: .plain), try value(measured.zeroPoint, in: .plain)]
    }
    let output = define(group.output, as: layout, home: .arena)
    let own = group.nodes.map { graph.nodes[$0] }
    let nodes = (head?.nodes.map { graph.nodes[$0] } ?? []) + own
    let layer = group.layer
    let macs = layer.rows * layer.outputs * layer.depth
    let weights = layer.outputs * layer.depth + (head.map { $0.layer.outputs * $0.layer.depth } ?? 0)
    // About 30 multiply-accumulates a nanosecond, or 20 bytes of weights.
    let nanoseconds = max(Double(layer.rows * weights) / 30, Double(weights) / 5)
    program.steps.append(
      Program.Step(
        title: nodes.map(\.kind.description).joined(separator: "+"), nodes: nodes.map(\.name), kernel: kernel,
        layer: own[0].name, body: body, inputs: inputs, outputs: [output], slicings: slicings,
        nanoseconds: nanoseconds, fewestSamples: fewestSamples))
    program.layers.append(
      PlannedLayer(node: own[0].name, kernel: kernel, rows: layer.rows, macs: macs, remark: remark))
  }
}
