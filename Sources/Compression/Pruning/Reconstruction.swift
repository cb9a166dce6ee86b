import GraphIR
import TensorCore

/// What a layer reads on the calibration data, row by row: as the original has it, and once the layers in front of it
/// are rounded; and between which bounds the activation behind it tells products apart.
struct Reconstruction: Sendable {
  let count: Int
  let groups: Int
  let columns: Int
  /// [count, groups, columns].
  let original: [Float]
  /// The same places once the layers in front are rounded.
  let rounded: [Float]
  /// Whether the layers in front changed what is read.
  let isMoved: Bool
  /// Per output; nil where no clipping function follows.
  let bounds: ActivationBounds?

  /// Values that rows may take, which is 32 MB.
  static let limit = 8 << 20

  /// X^T Y of one group's rows, [columns, columns].
  func products(_ x: [Float], _ y: [Float], group: Int) -> [Float] {
    let (width, start) = (groups * columns, group * columns)
    var result = [Float](repeating: 0, count: columns * columns)
    result.withUnsafeMutableBufferPointer { result in
      guard let target = result.baseAddress else { return }
      x.withUnsafeBufferPointer { x in
        y.withUnsafeBufferPointer { y in
          guard count > 0, let x = x.baseAddress, let y = y.baseAddress else { return }
          DenseAlgebra.multiply(
            columns, columns, count, x + start, stride: width, transposed: true, y + start, stride: width,
            into: target, stride: columns)
        }
      }
    }
    return result
  }

  /// The weights that would give the original's products best on what the layer reads now, drawn towards the weights
  /// themselves: (W X X'^T + r W) (X' X'^T + r I)^-1 with r as for GPTQ. Rounding close to them makes up for the rounding
  /// in front (the asymmetric reconstruction of arXiv:2004.10568, section 3.4).
  /// - Throws: `CompressionError.indefiniteHessian`.
  func targets(
    of weights: [Float], rows: Int, group: Int, damping: Double, layer: String
  ) throws -> [Float] {
    guard isMoved else { return weights }
    let gram = products(rounded, rounded, group: group)
    let hessian = try LayerHessian(gram: gram, size: columns, damping: damping, layer: layer)
    var cross = products(original, rounded, group: group).map(Double.init)
    for index in 0..<columns {
      let place = index * columns + index
      // What was added to the diagonal speaks for the weights as they are.
      cross[place] += hessian.matrix[place] - Double(gram[place])
    }
    let moved = DenseAlgebra.product(cross, hessian.inverse, columns, columns, columns)
    return DenseAlgebra.product(weights.map(Double.init), moved, rows, columns, columns).map { Float($0) }
  }
}

/// Products of a layer beyond which the function behind it no longer tells them apart: Relu, or Clip as of Relu6, after
/// a bias and a batch normalization.
struct ActivationBounds: Sendable {
  let low: [Float]
  let high: [Float]

  init?(behind layer: Layer, in graph: Graph) {
    let consumers = graph.consumers
    let outputs = Set(graph.outputs.map(\.name))
    let nodes = Dictionary(graph.nodes.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    func onlyReader(_ value: String) -> Node? {
      guard let readers = consumers[value], readers.count == 1, !outputs.contains(value) else { return nil }
      return graph.nodes[readers[0]]
    }
    func constant(_ name: String?) -> [Float]? { name.flatMap { graph.initializers[$0]?.tensor.floats } }

    guard let node = nodes[layer.node], node.float("alpha") ?? 1 == 1, node.float("beta") ?? 1 == 1 else {
      return nil
    }
    var factors = [Float](repeating: 1, count: layer.outputs)
    var offsets = [Float](repeating: 0, count: layer.outputs)
    if layer.biasName != nil || (layer.form != .matMul && node.input(2) != nil) {
      guard let bias = layer.biasRow(in: graph) else { return nil }
      offsets = bias
    }
    var value = layer.output
    if let add = layer.biasNode.flatMap({ nodes[$0] }) { value = add.outputs[0] }
    guard var reader = onlyReader(value) else { return nil }
    if reader.kind == "BatchNormalization", layer.form != .matMul, (reader.int("training_mode") ?? 0) == 0 {
      let constants = (1...4).compactMap { constant(reader.input($0)) }
      guard constants.count == 4, constants.allSatisfy({ $0.count == layer.outputs }) else { return nil }
      let epsilon = reader.float("epsilon") ?? 1e-5
      for index in factors.indices {
        factors[index] = constants[0][index] / (constants[3][index] + epsilon).squareRoot()
        offsets[index] = (offsets[index] - constants[2][index]) * factors[index] + constants[1][index]
      }
      guard let next = onlyReader(reader.outputs[0]) else { return nil }
      reader = next
    }
    var (least, most): (Float, Float) = (-.infinity, .infinity)
    switch reader.kind {
    case "Relu": least = 0
    case "Clip":
      least = reader.float("min") ?? least
      most = reader.float("max") ?? most
      if let name = reader.input(1) {
        guard let bound = constant(name)?.first else { return nil }
        least = bound
      }
      if let name = reader.input(2) {
        guard let bound = constant(name)?.first else { return nil }
        most = bound
      }
    default: return nil
    }
    let pairs = zip(factors, offsets).map { factor, offset -> (Float, Float) in
      guard factor != 0 else { return (-.infinity, .infinity) }
      let (one, other) = ((least - offset) / factor, (most - offset) / factor)
      return (min(one, other), max(one, other))
    }
    guard pairs.allSatisfy({ !$0.0.isNaN && !$0.1.isNaN }) else { return nil }
    (low, high) = (pairs.map(\.0), pairs.map(\.1))
  }
}

extension PassContext {
  /// What a layer reads before any rounding, and with `rounded` in the place of the weights in front of it.
  /// - Returns: nil without calibration data.
  /// - Throws: what the runs throw.
  func reconstruction(of layer: TrackedLayer, rounded: [String: Weight]) throws -> Reconstruction? {
    guard let activations, let node = unquantized.graph.nodes.first(where: { $0.name == layer.layer.name })
    else { return nil }
    let source = LayerInputRows(layer.layer, node: node)
    let width = max(1, source.groups * source.inputs)
    func rows(_ graph: Graph) throws -> [Float] {
      var (rows, samples): ([Float], Int) = ([], 0)
      let limit = max(1, min(LayerInputStatistics.positionsPerSample, Reconstruction.limit / (512 * width)))
      try activations.observe([source.input], of: graph) { _, shape, elements in
        guard rows.count < Reconstruction.limit else { return }
        _ = source.append(elements, shape: shape, sample: samples, limit: limit, to: &rows)
        samples += shape.rank > 1 ? shape[0] : 1
      }
      return rows
    }
    try Task.checkCancellation()
    let original = try rows(unquantized.graph)
    var after = original
    if !rounded.isEmpty {
      var graph = unquantized.graph
      for (name, weight) in rounded { graph.initializers[name] = weight }
      after = try rows(graph)
    }
    guard after.count == original.count, after.allSatisfy(\.isFinite), !original.isEmpty else { return nil }
    return Reconstruction(
      count: original.count / width, groups: source.groups, columns: source.inputs, original: original,
      rounded: after, isMoved: original != after,
      bounds: ActivationBounds(behind: layer.layer, in: unquantized.graph))
  }
}
