import GraphIR
import Operators
import TensorCore

/// Brings a model's layers to the few forms that compression knows, whatever the exporter wrote. What the model
/// computes stays the same.
///
/// Each rule is one file and one line below; they run in this order, once.
package enum LayerForms {
  package static func normalized(_ graph: Graph) throws -> Graph {
    var editor = FormEditor(graph)
    for rule in rules { try rule.apply(to: &editor) }
    return try editor.finished()
  }

  static let rules: [any LayerFormRule] = [
    HoistedConstants(), FoldedConstants(), PackedAttention(), RuntimeProducts(), QuantizedOperators(),
    PackedMatMul(), FusedOperators(), EinsumProducts(), LeftProducts(), MatrixViews(),
  ]
}

/// One way of writing a layer, and the form it is brought to.
package protocol LayerFormRule: Sendable {
  func apply(to editor: inout FormEditor) throws
}

/// A graph while its layers are brought to common forms.
package struct FormEditor {
  var graph: Graph
  private var names: NameTable
  private var added: [String: Weight] = [:]
  /// Nodes that go when the rule is done.
  var dropped: Set<String> = []

  init(_ graph: Graph) {
    self.graph = graph
    names = NameTable(graph)
  }

  func weight(_ name: String?) -> Weight? { name.flatMap { added[$0] ?? graph.initializers[$0] } }

  func constant(_ name: String?) -> Tensor? {
    guard case .dense(let tensor)? = weight(name) else { return nil }
    return tensor
  }

  mutating func fresh(_ base: String) -> String { names.fresh(base) }

  /// A new constant under a name like `base`.
  mutating func add(_ weight: Weight, _ base: String) -> String {
    let name = fresh(base)
    added[name] = weight
    return name
  }

  mutating func add(_ integers: [Int], _ base: String) -> String {
    add(
      .dense(
        Tensor(shape: Shape(known: [integers.count]), of: Int64.self) {
          for index in $0.indices { $0[index] = Int64(integers[index]) }
        }), base)
  }

  mutating func add(_ value: Float, _ base: String) -> String { add(.dense(Tensor(scalar: value)), base) }

  /// Makes the value a constant; the node that gave it must be gone.
  mutating func define(_ name: String, as weight: Weight) { added[name] = weight }

  /// Replaces each node by those that `body` returns; nil keeps it.
  mutating func rewrite(_ body: (Node, inout FormEditor) throws -> [Node]?) rethrows {
    var nodes: [Node] = []
    nodes.reserveCapacity(graph.nodes.count)
    for node in graph.nodes {
      if let replacement = try body(node, &self) { nodes += replacement } else { nodes.append(node) }
    }
    graph.nodes = dropped.isEmpty ? nodes : nodes.filter { !dropped.contains($0.name) }
    dropped = []
    graph.initializers.merge(added) { _, new in new }
    added = [:]
  }

  /// The graph without constants that nothing reads any more.
  func finished() throws -> Graph { try graph.droppingUnreadWeights().sorted() }
}
