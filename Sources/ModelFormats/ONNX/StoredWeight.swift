import GraphIR
import TensorCore

/// How a weight stands in a file: plain tensors, and the nodes that make the weight's value of them.
struct StoredWeight {
  /// Those that ONNX has a type for, each under its name, in the order written.
  private(set) var tensors: [(name: String, tensor: Tensor)] = []
  /// What `StoredForm` and `CodeForm` say of a tensor, by its name.
  private(set) var notes: [String: String] = [:]
  /// The last one yields the weight; none where a tensor is the weight itself.
  private(set) var nodes: [Node] = []

  private let weight: String
  private(set) var names: NameTable
  /// What the last node yields.
  private(set) var value = ""

  init(_ weight: String, names: NameTable) {
    self.weight = weight
    self.names = names
  }

  /// Stores a tensor under a name made of the weight's, and returns it.
  mutating func add(_ tensor: Tensor, _ what: String, note: String? = nil) -> String {
    let name = fresh(what)
    add(tensor, named: name, note: note)
    return name
  }

  mutating func add(_ tensor: Tensor, named name: String, note: String? = nil) {
    tensors.append((name, tensor))
    if let note { notes[name] = note }
  }

  mutating func fresh(_ what: String) -> String { names.fresh("\(weight)_\(what)") }

  mutating func numbers(_ numbers: [Int]) -> String {
    add(
      Tensor(shape: Shape(known: [numbers.count]), of: Int64.self) {
        _ = $0.update(fromContentsOf: numbers.map(Int64.init))
      }, "numbers")
  }

  mutating func node(_ kind: OperatorKind, _ inputs: [String], _ attributes: [String: Attribute] = [:]) {
    value = fresh(kind.type.lowercased())
    nodes.append(
      Node(
        name: fresh("make_\(kind.type.lowercased())"), kind: kind, inputs: inputs, outputs: [value],
        attributes: attributes))
  }

  /// Gives the last node's output the weight's name.
  mutating func finish() {
    if let last = nodes.indices.last { nodes[last].outputs = [weight] }
  }
}
