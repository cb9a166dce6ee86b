import GraphIR
import Kernels
import Operators
import TensorCore

/// Rows times a matrix, and pairs of thin ones.
extension Lowering {
  mutating func lowerProduct(_ group: LayerGroup, rows: Int) throws {
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
    slicings: [Slicing], reading name: String, head: (group: LayerGroup, run: LayerRun)? = nil
  ) throws {
    let samples = try type(of: name).shape.dimensions.first ?? 1
    // Codes of a range that was just measured come from all samples together.
    let isCut = samples > 1 && rows % samples == 0 && group.measured == nil
    try emit(
      group, head: head, body: body.body(rows: rows), x: x, layout: .plain, run: LayerRun(selection),
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
    // Where blocks of rows end depends on how many there are, and so does the order of a sparse sum.
    let slicings = one.isSparse || two.isSparse ? [] : [body.rowSlicing(rows: rows)]
    try emitProduct(
      group, body, x: x, rows: rows, two, slicings: slicings, reading: head.layer.input,
      head: (head, LayerRun(one)))
  }
}
