import GraphIR
import Operators
import TensorCore

/// Where the channels of a value come from, so that a factor per channel can be put in there instead of in a node.
///
/// Followed back from the value through nodes that a positive factor passes through, such as Relu and pools, and Flatten.
/// Every value on the way must have this one reader and be no output of the graph.
struct ScaleSource {
  enum Origin {
    case layer(TrackedLayer)
    /// A LayerNormalization or BatchNormalization with constant scale.
    case normalization(Node)
  }

  let origin: Origin
  /// Places of each channel that a Flatten in between lays side by side.
  let flattened: Int

  /// - Parameters:
  ///   - channels: of the value, as its readers count them.
  ///   - isImage: whether channels are the second axis, as a Conv reads them, rather than the last.
  init?(of value: String, channels: Int, isImage: Bool, in context: PassContext, consumers: [String: [Int]]) {
    let graph = context.graph
    let producers = graph.producers
    let outputs = Set(graph.outputs.map(\.name))
    var (value, isImage, hasFlatten) = (value, isImage, false)
    while true {
      guard !outputs.contains(value), let index = producers[value] else { return nil }
      let node = graph.nodes[index]
      if let layer = context.layers.first(where: { $0.layer.output == value }) {
        guard (layer.layer.form == .conv) == isImage else { return nil }
        let outputs = layer.layer.outputs
        guard channels % outputs == 0, hasFlatten || channels == outputs else { return nil }
        (origin, flattened) = (.layer(layer), channels / outputs)
        return
      }
      if let layer = context.layers.first(where: { $0.layer.biasNode == node.name }) {
        guard channels == layer.layer.outputs, !isImage else { return nil }
        (origin, flattened) = (.layer(layer), 1)
        return
      }
      if node.kind == "LayerNormalization" || node.kind == "BatchNormalization",
        let scale = node.input(1).flatMap({ graph.initializers[$0] }),
        node.kind == "BatchNormalization" ? isImage : !isImage && scale.shape.rank == 1,
        node.outputs.count == 1,
        hasFlatten || scale.shape.count == channels, channels % max(1, scale.shape.count) == 0,
        node.input(2).map({ graph.initializers[$0]?.shape.count == scale.shape.count }) ?? true
      {
        (origin, flattened) = (.normalization(node), channels / scale.shape.count)
        return
      }
      if node.kind == "Flatten", (node.int("axis") ?? 1) == 1, !isImage {
        (isImage, hasFlatten) = (true, true)
      } else if !Self.passesFactors(node, in: graph, isImage: isImage) {
        return nil
      }
      guard let next = node.input(0), consumers[next]?.count == 1 else { return nil }
      value = next
    }
  }

  /// Whether a factor for each channel of a node's first input is one of its output: place by place, or along the spatial
  /// axes of an image.
  private static func passesFactors(_ node: Node, in graph: Graph, isImage: Bool) -> Bool {
    let traits = try? OperatorRegistry.standard.find(node, opset: graph.opset(of: node)).traits(
      of: node.kind)
    guard let traits, traits.promises.contains(.homogeneous) else { return false }
    switch traits.form {
    case .pointwise: return true
    case .rowwise: return isImage
    case .structured, .opaque: return false
    }
  }
}

/// Channel factors on their way into a patch.
struct ScalePatch {
  private let context: PassContext
  private(set) var result: PassResult
  private var matrices: [String: WeightMatrix] = [:]
  private var states: [String: LayerState] = [:]

  init(_ context: PassContext, label: String) {
    self.context = context
    result = PassResult(context, label: label)
  }

  /// The layer's weight as changed so far; nil where it cannot be scaled, since it is shared or no float.
  mutating func matrix(of layer: TrackedLayer) -> WeightMatrix? {
    if let kept = matrices[layer.layer.weightName] { return kept }
    guard layer.layer.sharedWith.isEmpty, case .dense? = context.weight(of: layer),
      let weight = context.weight(of: layer)
    else { return nil }
    let matrix = WeightMatrix(weight, layer: layer.layer)
    matrices[layer.layer.weightName] = matrix
    return matrix
  }

  /// Sets a layer's weight to the matrix, whose change the factors describe.
  mutating func set(_ matrix: WeightMatrix, of layer: TrackedLayer, factors: [Float]) throws {
    guard let weight = context.weight(of: layer) else { return }
    let name = layer.layer.weightName
    matrices[name] = matrix
    let state = (states[name] ?? layer.state).after(.scaled(digest(factors)))
    states[name] = state
    result.set(try weight.replacing(with: matrix.stored(for: layer.layer)), named: name, state: state)
  }

  /// Divides a source's channels by the factors.
  /// - Returns: false, with nothing changed, where it cannot be done there.
  mutating func divide(_ source: ScaleSource, by factors: [Float]) throws -> Bool {
    let inverse = factors.map { 1 / $0 }
    switch source.origin {
    case .layer(let layer):
      let hasNoBias = context.graph.nodes.first { $0.name == layer.layer.name }?.input(2) == nil
      guard var matrix = matrix(of: layer), layer.layer.biasName != nil || hasNoBias,
        layer.layer.form != .matMul || layer.layer.biasNode == nil || layer.layer.biasName != nil,
        layer.layer.biasName.map({ isScalable($0, count: matrix.rows) }) ?? true
      else { return false }
      matrix.scaleRows(by: inverse)
      try set(matrix, of: layer, factors: inverse)
      if let bias = layer.layer.biasName { scale(bias, by: inverse) }
    case .normalization(let node):
      guard let scaleName = node.input(1), isScalable(scaleName, count: inverse.count),
        node.input(2).map({ isScalable($0, count: inverse.count) }) ?? true
      else { return false }
      scale(scaleName, by: inverse)
      if let bias = node.input(2) { scale(bias, by: inverse) }
    }
    return true
  }

  /// Whether a constant has so many values and one reader.
  private func isScalable(_ name: String, count: Int) -> Bool {
    let readers = context.graph.nodes.reduce(0) { $0 + $1.inputs.filter { $0 == name }.count }
    return readers == 1 && context.graph.initializers[name]?.shape.count == count
  }

  private mutating func scale(_ name: String, by factors: [Float]) {
    guard let weight = result.builder.weight(name) else { return }
    let values = weight.tensor.floats
    let scaled = Tensor(shape: weight.shape, of: Float.self) { scaled in
      for index in scaled.indices { scaled[index] = values[index] * factors[index] }
    }
    result.builder.set(.dense(scaled), named: name)
  }

  /// Puts a Mul by the inverse factors between a value and layers that read it.
  mutating func insertDivision(of value: String, by factors: [Float], isImage: [Int]?, before layers: [Node])
  {
    let inverse = Tensor(shape: Shape(known: [factors.count] + (isImage ?? [])), of: Float.self) { inverse in
      for index in inverse.indices { inverse[index] = 1 / factors[index] }
    }
    let name = result.builder.add(inverse, "\(value)/scale")
    let node = Node(
      name: result.builder.fresh("\(value)/Mul"), kind: "Mul", inputs: [value, name],
      outputs: [result.builder.fresh("\(value)/scaled")])
    if let first = layers.first { result.builder.insert([node], before: first.name) }
    for layer in layers { result.builder.edit(layer.name) { $0.inputs[0] = node.outputs[0] } }
  }

  mutating func remark(_ layer: TrackedLayer, _ text: String) { result.remark(layer, text) }
}
