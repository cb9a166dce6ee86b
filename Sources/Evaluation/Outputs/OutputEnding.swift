import GraphIR
import Operators

/// The node that gives an output its meaning: the last that is no mere view, pick or change of scale of another value.
struct OutputEnding {
  let graph: Graph
  private let producers: [String: Int]
  /// Axes of the output in those of the ending's value; nil once a view has mixed them.
  private(set) var order: [Int]?
  private(set) var node: Node?
  /// Whether it was made larger or smaller on the way.
  private(set) var isResized = false
  private(set) var activations: [OperatorKind] = []

  /// - Parameter rank: of the output.
  init(_ output: String, rank: Int, in graph: Graph) {
    self.graph = graph
    producers = graph.producers
    order = Array(0..<rank)
    node = producer(of: output)
    while let current = node, let next = passed(current) { node = producer(of: next) }
  }

  /// The output's axis of an axis of the ending's value; nil where it cannot be told.
  func axis(_ axis: Int) -> Int? { order?.firstIndex(of: axis) }

  func producer(of value: String?) -> Node? { value.flatMap { producers[$0] }.map { graph.nodes[$0] } }

  /// Whether a value is a constant of the graph.
  func isConstant(_ value: String?) -> Bool {
    guard let value else { return false }
    if graph.initializers[value] != nil { return true }
    guard let node = producer(of: value) else { return false }
    return node.kind == "Constant" || (!node.inputs.isEmpty && node.inputs.allSatisfy { isConstant($0) })
  }

  /// The value that a node only looks at in another form; nil where it computes something.
  private mutating func passed(_ node: Node) -> String? {
    switch node.kind {
    case "Transpose":
      if let order, let perm = node.ints("perm"), perm.count == order.count {
        self.order = order.map { perm[$0] }
      } else {
        order = nil
      }
      return node.input(0)
    case "Cast", "Dropout", "QuantizeLinear", "DequantizeLinear": return node.input(0)
    case "Resize", "Upsample":
      isResized = true
      return node.input(0)
    case "Gather", "Slice":
      guard !isConstant(node.input(0)) else { return nil }
      if node.kind == "Gather" { order = nil }
      return node.input(0)
    default: break
    }
    let traits = try? OperatorRegistry.standard.find(node, opset: graph.opset(of: node)).traits(of: node.kind)
    guard let traits else { return nil }
    if traits.promises.contains(.view) {
      if node.kind != "Identity" { order = nil }
      return node.input(0)
    }
    // Scaled, shifted or clipped by constants.
    let scales: Set<OperatorKind> = ["Add", "Sub", "Mul", "Div"]
    if scales.contains(node.kind), let value = varying(node), !isAffine(node) { return value }
    if node.kind == "Clip" || node.kind == "Relu" {
      activations.append(node.kind)
      return node.input(0)
    }
    return nil
  }

  /// The one input that is no constant; nil where there are more.
  func varying(_ node: Node) -> String? {
    let inputs = node.inputs.filter { !isConstant($0) }
    return inputs.count == 1 ? inputs[0] : nil
  }

  /// Whether a node is the shift of a normalization that is written out: scale and shift of something divided.
  private func isAffine(_ node: Node) -> Bool {
    guard node.kind == "Add", let scaled = producer(of: varying(node)), scaled.kind == "Mul" else {
      return false
    }
    return producer(of: varying(scaled))?.kind == "Div"
  }
}
