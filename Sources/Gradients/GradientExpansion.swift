import GraphIR
import Operators
import Rewriting
import TensorCore

/// `Gradient` of ai.onnx.preview.training, written out as ordinary operators: reverse-mode differentiation of the nodes
/// between `xs` and `y`.
///
/// The result is the gradient of the sum of `y`'s elements. What `zs` names is held, as is every value that does not
/// depend on `xs`; an x that `y` does not depend on gets zeros. The node's inputs stand for `xs` and `zs`: where they are
/// other values, the nodes between are run anew on them. A gradient of a gradient works, as the first is ordinary
/// operators by then.
/// https://github.com/onnx/onnx/blob/main/docs/Operators.md#ai.onnx.preview.training.Gradient
package enum GradientExpansion {
  package static let kind = OperatorKind("Gradient", domain: "ai.onnx.preview.training")

  /// The graph without `Gradient` nodes; the same graph where it has none.
  /// - Parameter dimensions: a number for each symbolic dimension of the inputs, since sums over broadcast axes have
  ///   to know them.
  /// - Throws: `GradientError.noRule` for an operator that has no rule, and what `ShapeInference` throws.
  package static func expanded(
    _ graph: Graph, dimensions: [String: Int], registry: OperatorRegistry = .standard
  ) throws -> Graph {
    guard graph.nodes.contains(where: { $0.kind == kind }) else { return graph }
    var graph = graph
    while graph.nodes.contains(where: { $0.kind == kind }) {
      let ready = try withoutGradients(graph)
      let known = try ShapeInference.inferTypes(
        graph: ready, dimensions: dimensions, registry: registry, allowsUnknown: true)
      // The first whose function no other gradient stands in.
      guard
        let index = graph.nodes.firstIndex(where: { node in
          node.kind == kind && ([node.string("y") ?? ""] + node.inputs).allSatisfy { known.types[$0] != nil }
        })
      else {
        let node = graph.nodes.first { $0.kind == kind }
        throw OperatorError.undefinedValue(
          name: node?.string("y") ?? "y", node: node?.name ?? "\(kind)")
      }
      let node = graph.nodes[index]
      var builder = GraphBuilder(
        TypedGraph(graph, known: known), label: "gradient \(node.name)", registry: registry)
      builder.stem = node.name
      try differentiate(node, ready.nodes, &builder)
      builder.replace(node.name, with: builder.takeAdded())
      // The value that a gradient names may be computed behind it.
      try builder.commit(sorts: true)
      graph = builder.graph
    }
    return graph
  }

  /// The nodes that no `Gradient` stands before, in order.
  private static func withoutGradients(_ graph: Graph) throws -> Graph {
    var ready = graph
    var missing: Set<String> = []
    ready.outputs = []
    ready.nodes = graph.nodes.filter { $0.kind != kind }
    for node in graph.nodes where node.kind == kind { missing.formUnion(node.outputs) }
    var count: Int
    repeat {
      count = ready.nodes.count
      ready.nodes.removeAll { node in
        guard !node.reads.isDisjoint(with: missing) else { return false }
        missing.formUnion(node.outputs)
        return true
      }
    } while ready.nodes.count < count
    return try ready.sorted()
  }

  /// Adds the nodes of a gradient.
  /// - Parameter ready: the nodes that are there already, in topological order.
  private static func differentiate(_ node: Node, _ ready: [Node], _ builder: inout GraphBuilder) throws {
    let xs = try names("xs", of: node, isRequired: true)
    let zs = try names("zs", of: node, isRequired: false)
    guard let y = node.string("y") else { throw attribute("y", "the name of a value", of: node) }
    guard node.inputs.count == xs.count + zs.count, node.outputs.count <= xs.count,
      node.inputs.allSatisfy({ !$0.isEmpty })
    else {
      throw OperatorError.outputs(
        kind: kind, node: node.name, expected: node.inputs.count - zs.count, found: xs.count)
    }
    let function = try GradientFunction(of: y, from: xs + zs, fedBy: node.inputs, ready, &builder)
    var gradients: [String: String] = [:]
    if function.y != "" { gradients[function.y] = try builder.ones(like: function.y) }
    let inputs = Set(node.inputs.prefix(xs.count))
    var active = inputs
    for part in function.nodes where part.inputs.contains(where: active.contains) {
      // Nothing follows Booleans, integers and texts.
      for output in part.outputs where !output.isEmpty {
        if try builder.type(of: output).dataType.isFloatingPoint { active.insert(output) }
      }
    }
    for part in function.nodes.reversed() {
      guard part.inputs.contains(where: active.contains),
        part.outputs.contains(where: { gradients[$0] != nil })
      else { continue }
      guard part.outputs.dropFirst().allSatisfy({ gradients[$0] == nil }), let output = part.outputs.first,
        let upstream = gradients[output]
      else {
        throw GradientError.noRule(kind: part.kind, node: part.name, gradient: node.name)
      }
      for (place, input) in part.inputs.enumerated() where active.contains(input) {
        guard let gradient = try GradientRules.gradient(of: part, at: place, from: upstream, &builder) else {
          throw GradientError.noRule(kind: part.kind, node: part.name, gradient: node.name)
        }
        gradients[input] = try gradients[input].map { try builder.add("Add", [$0, gradient]) } ?? gradient
      }
    }
    for (output, input) in zip(node.outputs, node.inputs) where !output.isEmpty {
      try builder.name(try gradients[input] ?? builder.zeros(like: input), output)
    }
  }

  private static func names(_ key: String, of node: Node, isRequired: Bool) throws -> [String] {
    guard let value = node.attributes[key] else {
      if isRequired { throw attribute(key, "a list of values", of: node) }
      return []
    }
    guard case .strings(let names) = value else { throw attribute(key, "a list of values", of: node) }
    return names
  }

  private static func attribute(_ key: String, _ expected: String, of node: Node) -> OperatorError {
    .attribute(
      kind: kind, node: node.name, name: key, expected: expected,
      found: node.attributes[key]?.kindName ?? "absent")
  }
}
