import GraphIR
import Kernels
import TensorCore

/// Runs a graph node by node, every value in memory of its own: slow, simple, and what faster plans are compared with.
///
/// Nothing is inferred ahead: each operator sees the values it gets. So shapes may depend on data, values may be
/// sequences and optionals, and nested graphs run by the same means and see the values around them.
package struct ReferenceRunner: Sendable {
  private let registry: OperatorRegistry
  private let table: KernelTable

  package init(registry: OperatorRegistry = .standard, table: KernelTable) {
    self.registry = registry
    self.table = table
  }

  /// The graph's tensor outputs for `inputs`.
  /// - Throws: `OperatorError`, `GraphError`, `TensorError`.
  package func run(_ graph: Graph, inputs: [String: Tensor]) throws -> [String: Tensor] {
    let results = try run(graph, values: inputs.mapValues { .tensor($0) })
    return results.compactMapValues(\.tensor)
  }

  /// The graph's outputs for `values`.
  /// - Throws: `OperatorError`, `GraphError`, `TensorError`.
  package func run(_ graph: Graph, values: [String: RuntimeValue]) throws -> [String: RuntimeValue] {
    let results = try runAll(graph, values: values)
    return Dictionary(
      try graph.outputs.map { output in
        guard let value = results[output.name] else {
          throw OperatorError.undefinedValue(name: output.name, node: "the graph's outputs")
        }
        return (output.name, value)
      }, uniquingKeysWith: { first, _ in first })
  }

  /// Every tensor of the graph, inputs and initializers included.
  package func runAll(_ graph: Graph, inputs: [String: Tensor]) throws -> [String: Tensor] {
    try runAll(graph, values: inputs.mapValues { .tensor($0) }).compactMapValues(\.tensor)
  }

  private func runAll(_ graph: Graph, values: [String: RuntimeValue]) throws -> [String: RuntimeValue] {
    let graph = try graph.sorted()
    guard graph.opset >= ShapeInference.lowestOpset else {
      throw OperatorError.opsetTooOld(found: graph.opset, lowest: ShapeInference.lowestOpset)
    }
    try check(values, against: graph)
    return try evaluate(graph, values: values) { _ in nil }
  }

  /// - Parameter outer: values of the graphs around this one.
  private func evaluate(
    _ graph: Graph, values: [String: RuntimeValue], outer: @escaping (String) -> RuntimeValue?
  ) throws -> [String: RuntimeValue] {
    var values = values
    for (name, weight) in graph.initializers where values[name] == nil {
      values[name] = .tensor(weight.tensor)
    }
    for node in graph.nodes {
      let inputs = try node.inputs.map { name -> RuntimeValue? in
        if name.isEmpty { return nil }
        guard let value = values[name] ?? outer(name) else {
          throw OperatorError.undefinedValue(name: name, node: node.name)
        }
        return value
      }
      let scope = values
      let call = OperatorCall(
        node: node, opset: graph.opset(of: node), inputs: inputs, table: table
      ) { nested, feeds in
        try run(nested, in: node, feeds: feeds) { scope[$0] ?? outer($0) }
      }
      let results = try registry.find(node, opset: call.opset).evaluate(call)
      for (name, result) in zip(node.outputs, results) where !name.isEmpty {
        if let result { values[name] = result }
      }
    }
    return values
  }

  private func run(
    _ graph: Graph, in node: Node, feeds: [RuntimeValue], outer: @escaping (String) -> RuntimeValue?
  ) throws -> [RuntimeValue] {
    guard feeds.count == graph.inputs.count else {
      throw OperatorError.nestedGraph(
        kind: node.kind, node: node.name, name: graph.name, expected: "\(feeds.count) inputs",
        found: "\(graph.inputs.count)")
    }
    let fed = Dictionary(zip(graph.inputs.map(\.name), feeds)) { first, _ in first }
    let values = try evaluate(graph, values: fed, outer: outer)
    return try graph.outputs.map { output in
      guard let value = values[output.name] ?? outer(output.name) else {
        throw OperatorError.undefinedValue(name: output.name, node: node.name)
      }
      return value
    }
  }

  private func check(_ values: [String: RuntimeValue], against graph: Graph) throws {
    for input in graph.inputs {
      guard let value = values[input.name] else {
        throw OperatorError.graphInput(
          name: input.name, expected: input.summary, found: "not given")
      }
      guard input.takes(value) else {
        throw OperatorError.graphInput(name: input.name, expected: input.summary, found: value.summary)
      }
    }
    let names = Set(graph.inputs.map(\.name)).union(graph.initializers.keys)
    if let extra = values.keys.filter({ !names.contains($0) }).min() {
      throw OperatorError.graphInput(
        name: extra, expected: "one of " + graph.inputs.map(\.name).sorted().joined(separator: ", "),
        found: "no input of the model")
    }
  }
}

extension ValueInfo {
  /// For messages: the type and shape, names for what is symbolic.
  var summary: String {
    if !wrapping.isEmpty { return "\(wrapping[0] == .sequence ? "a sequence" : "an optional")" }
    guard let dimensions else { return dataType.rawValue }
    let sizes = dimensions.map {
      switch $0 {
      case .fixed(let size): "\(size)"
      case .symbolic(let name): name.isEmpty ? "?" : name
      }
    }
    return "\(dataType.rawValue)[\(sizes.joined(separator: ", "))]"
  }

  /// Whether a value has the declared kind, type and known dimensions.
  func takes(_ value: RuntimeValue) -> Bool {
    switch (wrapping.first, value) {
    case (.sequence?, .sequence), (.optional?, _): return true
    case (nil, .tensor(let tensor)):
      guard tensor.dataType == dataType else { return false }
      guard let dimensions else { return true }
      return dimensions.count == tensor.shape.rank
        && zip(dimensions, tensor.shape.dimensions).allSatisfy { declared, size in
          if case .fixed(let value) = declared { value == size } else { true }
        }
    default: return false
    }
  }
}
