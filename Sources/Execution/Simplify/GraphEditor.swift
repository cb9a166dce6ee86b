import GraphIR
import TensorCore

/// A sorted graph while it is simplified, with the type of every value.
struct GraphEditor {
  var graph: Graph
  var types: [String: TensorType]
  /// Values that must still exist under their name: graph outputs, and those the caller wants to read.
  let pinned: Set<String>

  init(graph: Graph, types: [String: TensorType], keep: Set<String>) {
    self.graph = graph
    self.types = types
    pinned = keep.union(graph.outputs.map(\.name))
  }

  /// The value of an initializer; quantized ones as floats.
  func constant(_ name: String?) -> Tensor? {
    guard let name else { return nil }
    return graph.initializers[name]?.tensor
  }

  /// The single element of an initializer as a float.
  func scalar(_ name: String?) -> Float? {
    guard let tensor = constant(name), tensor.count == 1 else { return nil }
    return tensor.floats.first
  }

  func isGraphInput(_ name: String) -> Bool { graph.inputs.contains { $0.name == name } }

  /// Makes every reader of the keys read the values instead, and drops the nodes at `removed`.
  mutating func redirect(_ names: [String: String], removing removed: Set<Int>) {
    func target(_ name: String) -> String {
      var name = name
      while let next = names[name] { name = next }
      return name
    }
    graph.nodes = graph.nodes.indices.compactMap { index in
      if removed.contains(index) { return nil }
      var node = graph.nodes[index]
      node.inputs = node.inputs.map { $0.isEmpty ? $0 : target($0) }
      return node
    }
  }

  /// A value name that does not exist yet.
  func freshName(_ stem: String) -> String {
    var name = stem
    var count = 1
    while types[name] != nil || graph.initializers[name] != nil {
      name = "\(stem)#\(count)"
      count += 1
    }
    return name
  }
}

/// One rewrite of the graph that leaves what it computes as it is, but for rounding.
protocol SimplificationPass: Sendable {
  func apply(to editor: inout GraphEditor) throws
}

/// The rewrites in the order in which they run.
enum Simplification {
  static let passes: [any SimplificationPass] = [
    RemoveIdentities(), FuseGelu(), FuseHardSwish(), FuseLayerNormalization(), UnsignQuantizers(),
    MergeQuantizers(), CancelQuantizers(), HoistQuantizers(),
    CancelQuantizers(), MergeQuantizers(), RemoveDeadNodes(),
  ]

  static func apply(to editor: inout GraphEditor) throws {
    for pass in passes { try pass.apply(to: &editor) }
  }
}
