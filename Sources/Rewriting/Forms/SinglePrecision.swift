import GraphIR
import Operators
import TensorCore

/// Makes a graph that computes in 16 bits, or a part of it that does, compute in float32: what the machine does anyway, and
/// what every compression method writes.
///
/// Inputs and outputs keep their type, with a `Cast` behind the one and before the other; large weights stay as they are
/// stored, which `Graph.storedHalves` knows. Results differ from those of 16 bits by the rounding that falls away.
package enum SinglePrecision {
  /// The graph itself where it computes nothing in 16 bits, or where 16-bit values stand in sequences at its border.
  package static func widened(_ graph: Graph) -> Graph {
    let kinds = GraphKinds(inferring: graph.wideningStoredHalves(keepsValues: false))
    let border = (graph.inputs + graph.outputs).filter { $0.dataType.isHalf }
    let isHalf = graph.nodes.contains { node in
      node.outputs.contains { kinds[$0]?.dataType.isHalf == true }
    }
    guard isHalf || !border.isEmpty, border.allSatisfy(\.wrapping.isEmpty),
      !graph.nodes.contains(where: { $0.kind == "BitCast" })
    else { return graph }
    var widening = Widening(graph, kinds)
    return widening.graph(graph)
  }
}

private struct Widening {
  private var names: NameTable
  /// The names under which the border's values are read as float32.
  private var wide: [String: String] = [:]
  /// What values were before.
  private let kinds: GraphKinds

  init(_ graph: Graph, _ kinds: GraphKinds) {
    names = NameTable(graph)
    self.kinds = kinds
  }

  mutating func graph(_ graph: Graph) -> Graph {
    var result = graph
    let halves = graph.inputs.filter(\.dataType.isHalf).map(\.name)
    for value in halves + graph.outputs.filter(\.dataType.isHalf).map(\.name) where wide[value] == nil {
      wide[value] = names.fresh("\(value)/float32")
    }
    let kept = keptHalves(of: graph)
    for (name, weight) in graph.initializers {
      guard let tensor = half(weight) else { continue }
      let renamed = wide[name] ?? name
      result.initializers[name] = nil
      result.initializers[renamed] = .dense(kept.contains(name) ? tensor : single(tensor))
    }
    result.nodes = graph.nodes.map { node($0) }
    let inputs = halves.map { cast($0, $0, to: .float32, from: $0) }
    let outputs = graph.outputs.filter(\.dataType.isHalf).map {
      cast($0.name, wide[$0.name] ?? $0.name, to: $0.dataType, from: nil)
    }
    // A value that is input and output needs no way back.
    result.nodes = inputs + result.nodes + outputs.filter { !halves.contains($0.outputs[0]) }
    return result
  }

  /// A Cast of a value of the border.
  private mutating func cast(_ value: String, _ source: String, to type: DataType, from input: String?)
    -> Node
  {
    Node(
      name: names.fresh("\(value)/Cast"), kind: "Cast", inputs: [source],
      outputs: [input.flatMap { wide[$0] } ?? value], attributes: ["to": .int(type.onnxCode)])
  }

  /// Weights that may stay stored in 16 bits: those that nodes of the graph itself read, as values and not as scales.
  private func keptHalves(of graph: Graph) -> Set<String> {
    var kept = Set(graph.initializers.filter { (half($0.value)?.count ?? 0) > 1 }.keys)
    for node in graph.nodes {
      for body in node.bodies { kept.subtract(body.outerReads) }
      if node.kind == "QuantizeLinear" || node.kind == "DequantizeLinear" { kept.subtract(node.inputs) }
    }
    return kept.subtracting(graph.outputs.map(\.name))
  }

  private mutating func node(_ node: Node) -> Node {
    var node = node
    if node.kind == "Cast", isSingle(node) {
      node.kind = "Identity"
      node.attributes = [:]
    }
    node.inputs = node.inputs.map { wide[$0] ?? $0 }
    node.outputs = node.outputs.map { wide[$0] ?? $0 }
    for (name, attribute) in node.attributes {
      switch attribute {
      case .int(let code) where ["to", "dtype", "output_dtype", "output_datatype"].contains(name):
        guard DataType(onnxCode: code)?.isHalf == true else { continue }
        node.attributes[name] = .int(DataType.float32.onnxCode)
      case .tensor(let tensor) where tensor.dataType.isHalf: node.attributes[name] = .tensor(single(tensor))
      case .tensors(let tensors):
        node.attributes[name] = .tensors(tensors.map { $0.dataType.isHalf ? single($0) : $0 })
      case .type(var type):
        if type.dataType.isHalf { type.dataType = .float32 }
        node.attributes[name] = .type(type)
      case .graph(let body): node.attributes[name] = .graph(nested(body))
      case .graphs(let bodies): node.attributes[name] = .graphs(bodies.map { nested($0) })
      case .int, .float, .string, .tensor, .ints, .floats, .strings: continue
      }
    }
    return node
  }

  /// Whether a Cast goes between what are both float32 now.
  private func isSingle(_ node: Node) -> Bool {
    func isWide(_ type: DataType?) -> Bool { type == .float32 || type?.isHalf == true }
    return isWide(node.input(0).flatMap { kinds[$0] }?.dataType)
      && isWide(node.int("to").flatMap { DataType(onnxCode: $0) })
  }

  private mutating func nested(_ body: Graph) -> Graph {
    var result = body
    // A name of the body's own hides that of the border.
    let own = Set(body.inputs.map(\.name)).union(body.initializers.keys).union(body.nodes.flatMap(\.outputs))
    let outer = wide
    wide = wide.filter { !own.contains($0.key) }
    func widened(_ value: ValueInfo) -> ValueInfo {
      var value = value
      if value.dataType.isHalf { value.dataType = .float32 }
      value.name = wide[value.name] ?? value.name
      return value
    }
    result.inputs = body.inputs.map(widened)
    result.outputs = body.outputs.map(widened)
    result.initializers = body.initializers.mapValues { weight in
      half(weight).map { .dense(single($0)) } ?? weight
    }
    result.nodes = body.nodes.map { node($0) }
    wide = outer
    return result
  }

  /// A dense 16-bit weight.
  private func half(_ weight: Weight) -> Tensor? {
    guard case .dense(let tensor) = weight, tensor.dataType.isHalf else { return nil }
    return tensor
  }

  private func single(_ tensor: Tensor) -> Tensor {
    let values = tensor.floats
    return Tensor(shape: tensor.shape, of: Float.self) { _ = $0.update(fromContentsOf: values) }
  }
}
