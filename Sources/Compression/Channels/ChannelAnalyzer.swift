import GraphIR
import Gradients
import Operators
import Rewriting
import TensorCore

/// Follows channels from the layers that make them through the graph, node by node.
struct ChannelAnalyzer {
  let graph: Graph
  let catalog: LayerCatalog
  let known: InferredTypes
  let registry: OperatorRegistry
  var result = ChannelAnalysis()
  let producers: [String: Int]
  let consumers: [String: [Int]]
  /// The axis over channels of each value that has one.
  private(set) var axes: [String: ChannelAnalysis.Axis] = [:]

  /// - Throws: what shape inference throws, where the graph cannot be understood at all.
  static func analyze(_ graph: Graph, catalog: LayerCatalog) throws -> ChannelAnalysis {
    let known = try GraphTypes.inferUnderSmallNumbers(
      graph, prepare: { try GradientExpansion.expanded($0, dimensions: $1) })
    var analyzer = ChannelAnalyzer(
      graph: graph, catalog: catalog, known: known, registry: .standard, producers: graph.producers,
      consumers: graph.consumers)
    for node in graph.nodes {
      ChannelRules.pass(node, &analyzer)
      analyzer.freezeNestedReads(of: node)
    }
    for output in graph.outputs { analyzer.freeze(output.name, "is an output of the model") }
    analyzer.freezeTiedWeights()
    analyzer.result.settle()
    return analyzer.result
  }

  // MARK: What rules use

  subscript(value: String) -> ChannelAnalysis.Axis? { axes[value] }

  func shape(_ value: String) -> Shape? { known.types[value]?.shape }

  mutating func set(_ axis: ChannelAnalysis.Axis, of value: String) {
    guard !value.isEmpty else { return }
    // A rule that got an axis wrong must never shrink anything.
    guard let shape = shape(value), shape.dimensions.indices.contains(axis.axis),
      shape[axis.axis] == axis.channels.count
    else { return result.freeze(axis.channels, "feeds \(value), whose shape was not expected") }
    axes[value] = axis
  }

  mutating func freeze(_ value: String, _ obstacle: String) {
    if let axis = axes[value] { result.freeze(axis.channels, obstacle) }
  }

  /// Nothing that feeds the node can lose channels.
  mutating func stop(_ node: Node, because obstacle: String? = nil) {
    for input in node.inputs {
      freeze(input, obstacle ?? "feeds a \(node.kind); its channels cannot be removed alone")
    }
  }

  /// Records that a constant shrinks with the channels.
  mutating func slice(_ constant: String, of node: Node, axis: Int, _ channels: [ChannelAnalysis.Channel]) {
    guard let shape = graph.initializers[constant]?.shape, shape.dimensions.indices.contains(axis),
      shape[axis] == channels.count
    else { return result.freeze(channels, "feeds \(node.name), whose constant \(constant) does not fit") }
    result.slices.append(
      ChannelAnalysis.Slice(
        constant: constant, node: node.name, along: ChannelAnalysis.Axis(axis: axis, channels: channels)))
  }

  /// Records that a layer reads channels along an axis of a value.
  mutating func read(_ value: String, by layer: String) {
    guard let axis = axes[value], let shape = shape(value) else { return }
    let inner = shape.dimensions[(axis.axis + 1)...].reduce(1, *)
    result.readers.append(ChannelAnalysis.Reader(layer: layer, value: value, along: axis, inner: inner))
  }

  func traits(of node: Node) -> OperatorTraits? {
    try? registry.find(node, opset: graph.opset(of: node)).traits(of: node.kind)
  }

  /// The node that makes a value.
  func producer(of value: String) -> Node? { producers[value].map { graph.nodes[$0] } }

  /// Whether a value is stored, not computed.
  func isConstant(_ value: String) -> Bool {
    graph.initializers[value] != nil || producer(of: value)?.kind == "Constant"
  }

  // MARK: Whole-graph checks

  private mutating func freezeNestedReads(of node: Node) {
    for body in node.bodies {
      for name in body.outerReads { freeze(name, "feeds \(node.name), which runs a graph of its own") }
    }
  }

  /// A weight that layers share was tied on purpose: nobody draws the same one twice. Other constants are shared where an
  /// exporter found two that were equal, such as fresh norms: each reader gets its own.
  private mutating func freezeTiedWeights() {
    let weights = Set(catalog.layers.map(\.weightName))
    let nodes = Dictionary(graph.nodes.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    var first: [ReadConstant: ChannelAnalysis.Axis] = [:]
    for slice in result.slices {
      let others = (consumers[slice.constant] ?? []).map { graph.nodes[$0].name }.filter { $0 != slice.node }
      if weights.contains(slice.constant), let other = others.min() {
        result.freeze(slice.along.channels, "shares the weight \(slice.constant) with \(other)")
      }
      // A node that reads a constant twice can only have one of it.
      guard let node = nodes[slice.node], node.inputs.count(where: { $0 == slice.constant }) > 1 else {
        continue
      }
      let key = ReadConstant(constant: slice.constant, node: slice.node)
      if let along = first[key],
        along.axis != slice.along.axis
          || along.channels.map(result.resolved) != slice.along.channels.map(result.resolved)
      {
        result.freeze(
          along.channels + slice.along.channels, "reads the constant \(slice.constant) in two ways")
      }
      first[key] = slice.along
    }
  }

  private struct ReadConstant: Hashable {
    let constant: String
    let node: String
  }
}
