import GraphIR
import Operators
import Rewriting
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
  /// How often each constant is read.
  private let readCounts: [String: Int]
  /// Constants that were others' too, by where they are read.
  private var own: [ConstantPlace: String] = [:]
  private(set) var result: PassResult
  private var matrices: [String: WeightMatrix] = [:]
  private var states: [String: LayerState] = [:]

  init(_ context: PassContext, label: String) {
    self.context = context
    readCounts = context.graph.readCounts
    result = PassResult(context, label: label)
  }

  /// The layer's weight as changed so far; nil where it cannot be scaled, since others read it too or it is no float.
  mutating func matrix(of layer: TrackedLayer) -> WeightMatrix? {
    if let kept = matrices[layer.layer.weightName] { return kept }
    guard layer.layer.sharedWith.isEmpty, layer.layer.obstacle == nil, layer.layer.restriction == nil,
      case .dense? = context.weight(of: layer),
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
      let bias = ConstantPlace(biasOf: layer.layer, in: context.graph)
      let hasNoBias = context.graph.nodes.first { $0.name == layer.layer.name }?.input(2) == nil
      guard var matrix = matrix(of: layer), bias != nil || (layer.layer.biasName == nil && hasNoBias),
        bias.map({ isScalable($0, count: matrix.rows) }) ?? true
      else { return false }
      matrix.scaleRows(by: inverse)
      try set(matrix, of: layer, factors: inverse)
      if let bias { scale(bias, by: inverse) }
    case .normalization(let node):
      let places = [1, 2].compactMap { ConstantPlace(input: $0, of: node) }
      guard places.first?.input == 1, places.allSatisfy({ isScalable($0, count: inverse.count) }) else {
        return false
      }
      for place in places { scale(place, by: inverse) }
    }
    return true
  }

  /// Whether a constant has one number per channel, or one for all.
  private func isScalable(_ place: ConstantPlace, count: Int) -> Bool {
    context.graph.initializers[place.constant]?.row(count: count) != nil
  }

  /// Scales a constant where a node reads it; what others read too, or is one number for all, becomes its own first.
  private mutating func scale(_ place: ConstantPlace, by factors: [Float]) {
    let name = own[place] ?? place.constant
    guard let weight = result.builder.weight(name), let row = weight.row(count: factors.count) else { return }
    let isOwn =
      own[place] != nil
      || (readCounts[name] == 1 && weight.shape.count == row.count)
    let shape = weight.shape.count == row.count ? weight.shape : Shape(known: [row.count])
    let scaled = Tensor(shape: shape, of: Float.self) { scaled in
      for index in scaled.indices { scaled[index] = row[index] * factors[index] }
    }
    if isOwn { return result.builder.set(.dense(scaled), named: name) }
    let copy = result.builder.add(.dense(scaled), "\(place.node)/\(name)")
    own[place] = copy
    result.builder.edit(place.node) { $0.inputs[place.input] = copy }
  }

  /// Puts a Mul by the inverse factors between a value and layers that read it.
  /// - Parameter behind: the axes of the value behind that of its channels.
  mutating func insertDivision(of value: String, by factors: [Float], behind: Int, before layers: [Node]) {
    let shape = Shape(known: [factors.count] + Array(repeating: 1, count: behind))
    let inverse = Tensor(shape: shape, of: Float.self) { inverse in
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
