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
    analyzer.freezeSharedConstants()
    return analyzer.result
  }

  // MARK: What rules use

  subscript(value: String) -> ChannelAnalysis.Axis? { axes[value] }

  func shape(_ value: String) -> Shape? { known.types[value]?.shape }

  mutating func set(_ axis: ChannelAnalysis.Axis, of value: String) {
    guard !value.isEmpty else { return }
    // A rule that got an axis wrong must never shrink anything.
    guard let shape = shape(value), shape.dimensions.indices.contains(axis.axis),
      shape[axis.axis] == result.count(axis.segments)
    else { return result.freeze(axis.segments, "feeds \(value), whose shape was not expected") }
    axes[value] = axis
  }

  mutating func freeze(_ value: String, _ obstacle: String) {
    if let axis = axes[value] { result.freeze(axis.segments, obstacle) }
  }

  /// Nothing that feeds the node can lose channels.
  mutating func stop(_ node: Node, because obstacle: String? = nil) {
    for input in node.inputs {
      freeze(input, obstacle ?? "feeds a \(node.kind); its channels cannot be removed alone")
    }
  }

  /// Records that a constant shrinks with the channels.
  mutating func slice(_ constant: String, of node: Node, axis: Int, _ segments: [ChannelAnalysis.Segment]) {
    guard let shape = graph.initializers[constant]?.shape, shape.dimensions.indices.contains(axis),
      shape[axis] == result.count(segments)
    else { return result.freeze(segments, "feeds \(node.name), whose constant \(constant) does not fit") }
    result.slices.append(
      ChannelAnalysis.Slice(
        constant: constant, node: node.name, along: ChannelAnalysis.Axis(axis: axis, segments: segments)))
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

  // MARK: Whole-graph checks

  private mutating func freezeNestedReads(of node: Node) {
    for case .graph(let body) in node.attributes.values {
      for name in body.reads { freeze(name, "feeds \(node.name), which runs a graph of its own") }
    }
  }

  /// A constant that two nodes read can only shrink for both; where that is not certain, neither does.
  private mutating func freezeSharedConstants() {
    var readers: [String: Set<String>] = [:]
    for node in graph.nodes {
      for input in node.inputs { readers[input, default: []].insert(node.name) }
      for case .graph(let body) in node.attributes.values {
        for name in body.reads { readers[name, default: []].insert("\(node.name)/body") }
      }
    }
    for output in graph.outputs { readers[output.name, default: []].insert("/output") }
    for slice in result.slices {
      guard let other = readers[slice.constant]?.filter({ $0 != slice.node }).min() else { continue }
      result.freeze(slice.along.segments, "shares the constant \(slice.constant) with \(other)")
    }
  }
}

extension Graph {
  /// Every name that the graph's nodes, nested ones included, and its outputs read.
  var reads: Set<String> {
    var names = Set(outputs.map(\.name))
    for node in nodes {
      names.formUnion(node.inputs)
      for case .graph(let body) in node.attributes.values { names.formUnion(body.reads) }
    }
    return names
  }
}
