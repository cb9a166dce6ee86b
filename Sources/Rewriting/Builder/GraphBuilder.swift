import GraphIR
import Operators
import TensorCore

/// The one way to rewrite a graph: it names, types and adds what is new, gathers what changes, and makes a labelled patch
/// of it.
///
/// The graph that a pass reads stays as it is until `commit`, so that what it looked up before stays true. A node that is
/// changed or replaced keeps its place in the order.
package struct GraphBuilder: Sendable {
  /// The graph as the patches committed so far have made it.
  package internal(set) var base: TypedGraph
  /// Names the patch in previews and errors.
  package var label: String
  /// What the names of nodes and values that `add` makes begin with.
  package var stem = ""
  package let registry: OperatorRegistry
  private var places: [String: Place] = [:]
  private var redirections: [String: String] = [:]
  var weights: [String: Weight] = [:]
  /// Types of the values that this patch adds.
  var types: [String: TensorType] = [:]
  /// Nodes that `add` made, until they are given a place.
  package internal(set) var added: [Node] = []
  /// Made when the first new name is asked for.
  private var names: NameTable?
  private var indices: [String: Int]?
  /// Kept for all passes that look and change nothing.
  private var pattern: NodePattern?

  /// What becomes of a node.
  private struct Place: Sendable {
    var before: [Node] = []
    /// Nil where it goes.
    var node: Node?
    var after: [Node] = []

    var nodes: [Node] { before + (node.map { [$0] } ?? []) + after }
  }

  package init(_ base: TypedGraph, label: String = "", registry: OperatorRegistry = .standard) {
    self.base = base
    self.label = label
    self.registry = registry
  }

  /// A builder that knows no types but those of what it is told.
  package init(_ graph: Graph, label: String = "") { self.init(TypedGraph(graph), label: label) }

  package var graph: Graph { base.graph }
  package var pinned: Set<String> { base.pinned }

  // MARK: Names

  /// The name itself, or with the first number that makes it new.
  package mutating func fresh(_ name: String) -> String {
    if names == nil {
      names = NameTable(base.graph)
      names?.take(base.types.keys)
      names?.take(base.pinned)
    }
    return names?.fresh(name) ?? name
  }

  /// A new name for a value of a type.
  package mutating func fresh(_ name: String, _ type: TensorType) -> String {
    let name = fresh(name)
    types[name] = type
    return name
  }

  // MARK: Nodes

  /// The node of this name as it is by now; nil where there is none, or it was replaced.
  package mutating func node(named name: String) -> Node? {
    if let place = places[name] { return place.node }
    if indices == nil {
      indices = Dictionary(
        graph.nodes.indices.map { (graph.nodes[$0].name, $0) }, uniquingKeysWith: { first, _ in first })
    }
    return indices?[name].map { graph.nodes[$0] }
  }

  /// Who makes and who reads each value of the graph as it is until the next commit.
  package mutating func neighbours() -> NodePattern {
    if let pattern { return pattern }
    let found = NodePattern(base)
    pattern = found
    return found
  }

  /// Puts other nodes in a node's place.
  package mutating func replace(_ name: String, with nodes: [Node]) { places[name] = Place(before: nodes) }

  package mutating func remove(_ name: String) { places[name] = Place() }

  /// Changes a node, what `before` and `after` put around it excepted.
  /// - Returns: false where there is no such node any more.
  @discardableResult
  package mutating func edit(_ name: String, _ change: (inout Node) -> Void) -> Bool {
    guard var node = node(named: name) else { return false }
    change(&node)
    places[name, default: Place()].node = node
    return true
  }

  /// Puts nodes in front of a node, behind those that earlier calls put there.
  package mutating func insert(_ nodes: [Node], before name: String) {
    guard let node = node(named: name) else { return }
    places[name, default: Place(node: node)].before += nodes
  }

  /// Puts nodes behind a node and what earlier calls put there.
  package mutating func insert(_ nodes: [Node], after name: String) {
    guard let node = node(named: name) else { return }
    places[name, default: Place(node: node)].after += nodes
  }

  /// Replaces each node by those that `body` returns; nil keeps it.
  package mutating func rewrite(_ body: (Node, inout GraphBuilder) throws -> [Node]?) rethrows {
    for node in base.graph.nodes {
      if let replacement = try body(node, &self) { replace(node.name, with: replacement) }
    }
  }

  /// Makes every reader of a value read another instead.
  package mutating func redirect(_ value: String, to other: String) { redirections[value] = other }

  /// Where the chain of redirections from a value ends.
  package func target(of value: String) -> String {
    var value = value
    while let next = redirections[value] { value = next }
    return value
  }

  // MARK: The patch

  /// What was gathered since the last commit.
  package var patch: GraphPatch {
    GraphPatch(
      label: label, replacements: places.mapValues(\.nodes), weights: weights, redirections: redirections)
  }

  /// Makes the patch part of the graph.
  /// - Parameter sorts: whether nodes may stand before what they read, so that they have to be sorted.
  /// - Returns: the patch; empty where nothing changed.
  /// - Throws: `GraphError`; in debug builds also where an invariant does not hold.
  @discardableResult
  package mutating func commit(sorts: Bool = false) throws -> GraphPatch {
    assert(added.isEmpty, "\(label): \(added.count) added nodes have no place")
    let patch = patch
    guard !patch.isEmpty else { return patch }
    base.graph = try base.graph.applying(patch, keepsUnread: true)
    if sorts { base.graph = try base.graph.sorted() }
    base.types.merge(types) { _, new in new }
    (places, redirections, weights, types) = ([:], [:], [:], [:])
    (indices, pattern) = (nil, nil)
    #if DEBUG
      try checkInvariants()
    #endif
    return patch
  }

  /// The graph without constants that nothing reads any more, sorted.
  package mutating func finished() throws -> Graph {
    try commit(sorts: true)
    return try base.graph.droppingUnreadWeights().sorted()
  }

  /// What holds after every pass: the graph's own invariants, and a type for each value where types are known.
  /// - Throws: `GraphError`.
  package func checkInvariants() throws {
    try base.graph.checkInvariants()
    guard base.isTyped else { return }
    for node in base.graph.nodes {
      for name in node.outputs where !name.isEmpty && base.types[name] == nil {
        throw GraphError.untypedValue(name: name, node: node.name)
      }
    }
  }
}
