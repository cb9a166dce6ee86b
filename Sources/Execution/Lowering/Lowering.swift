import GraphIR
import Kernels
import Operators
import Rewriting
import TensorCore

/// Turns a simplified graph into a program, node by node, in the order of the graph.
///
/// Each ONNX value may exist in several layouts; the first is the one its producer wrote, others are made when
/// somebody asks for them.
struct Lowering {
  typealias ValueID = Program.ValueID

  let graph: Graph
  let types: [String: TensorType]
  let consumers: [String: [Int]]
  let producers: [String: Int]
  let pinned: Set<String>
  let registry: OperatorRegistry
  let table: KernelTable
  let options: PlanOptions
  let groups: LayerGroups
  let attentions: AttentionGroups?
  var program = Program()
  /// Where each value is, in the order in which its layouts were made.
  var places: [String: [(layout: Layout, id: ValueID)]] = [:]
  /// Nodes whose result nobody has asked for yet, by that result: those who read it mostly do without.
  var postponed: [String: Node] = [:]
  /// Products that wait for the one that reads them, by their result.
  var factorHeads: [String: LayerGroup] = [:]
  /// Nodes that an earlier step covers.
  var covered: Set<String> = []

  init(_ base: TypedGraph, registry: OperatorRegistry, table: KernelTable, options: PlanOptions) {
    graph = base.graph
    types = base.types
    consumers = base.graph.consumers
    producers = base.graph.producers
    pinned = base.pinned
    self.registry = registry
    self.table = table
    self.options = options
    groups = LayerGroups(base, fuses: options.fuses)
    attentions = options.fuses ? AttentionGroups(base, excluding: groups.members) : nil
  }

  /// The whole program, and where each pinned value is in plain layout.
  mutating func lower() throws -> [String: ValueID] {
    for (index, input) in graph.inputs.enumerated() {
      let type = try type(of: input.name)
      define(input.name, as: .plain, home: .input(index), type: type)
    }
    for (index, node) in graph.nodes.enumerated() {
      if let group = groups.anchored[index] {
        try lower(group)
      } else if let group = attentions?.anchored[index] {
        if try !lower(group) {
          for member in group.nodes { try lower(graph.nodes[member]) }
        }
      } else if !groups.members.contains(index), attentions?.members.contains(index) != true {
        try lower(node)
      }
    }
    var places: [String: ValueID] = [:]
    for name in pinned.sorted() where types[name] != nil { places[name] = try value(name, in: .plain) }
    program.noteTraffic(registry)
    return places
  }

  private mutating func lower(_ node: Node) throws {
    if covered.contains(node.name) { return }
    if options.fuses {
      if groups.isOnlyReadByIntegerLayers(node) || isOnlyReadByProducts(node) {
        if let output = node.outputs.first { postponed[output] = node }
        return
      }
      if try lowerByRule(node) { return }
    }
    try emitPlain(node)
  }

  /// By the rule of its kind, or by what is true of its operator; false where it runs in plain layout.
  mutating func lowerByRule(_ node: Node) throws -> Bool {
    for rule in LoweringRules.all where rule.kinds.contains(node.kind) {
      if try rule.lower(node, in: &self) { return true }
    }
    switch try registry.find(node, opset: graph.opset(of: node)).traits(of: node.kind).form {
    case .pointwise(let form): return try lower(node, pointwise: form)
    case .rowwise(let form): return try lower(node, rowwise: form)
    case .structured, .opaque: return false
    }
  }

  /// Whether a transpose can become the strides of the products that read it.
  private func isOnlyReadByProducts(_ node: Node) -> Bool {
    guard node.kind == "Transpose", let output = node.outputs.first, !pinned.contains(output),
      let input = node.input(0), layout(of: input) == .plain, let readers = consumers[output]
    else { return false }
    return readers.allSatisfy { graph.nodes[$0].kind == "MatMul" && !groups.members.contains($0) }
  }

  /// The node behind a value that is not made yet.
  func postponedNode(_ name: String) -> Node? { postponed[name] }

  /// The one node that reads a value which nobody else needs; nil where there are none, several, or it is in a group.
  func onlyReader(of name: String) -> Node? {
    guard !pinned.contains(name), let readers = consumers[name], readers.count == 1,
      !groups.members.contains(readers[0])
    else { return nil }
    return graph.nodes[readers[0]]
  }
}
