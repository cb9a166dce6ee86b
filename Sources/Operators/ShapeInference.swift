import GraphIR
import TensorCore

/// What is known of a graph's values before it runs.
package struct InferredTypes: Sendable {
  /// The type of every input, initializer and computed value.
  package fileprivate(set) var types: [String: TensorType] = [:]
  /// Values that do not depend on the inputs: dense initializers, and what folding computed from constants.
  package fileprivate(set) var constants: [String: Tensor] = [:]
  /// Names of nodes whose every output is in `constants`; a plan need not run them.
  package fileprivate(set) var foldedNodes: Set<String> = []
  /// Values whose type is only known by running: those that dynamic operators give, and what follows from them. Always
  /// empty unless they were asked for.
  package fileprivate(set) var unknown: Set<String> = []

  package init() {}

  /// The node with its input types and constants, as operators want it.
  /// - Throws: `OperatorError.undefinedValue`.
  package func site(of node: Node, in graph: Graph) throws -> OperatorSite {
    try OperatorSite(
      node: node, opset: graph.opset(of: node),
      inputs: node.inputs.map { name in
        if name.isEmpty { return nil }
        guard let type = types[name] else { throw OperatorError.undefinedValue(name: name, node: node.name) }
        return type
      },
      constants: node.inputs.map { constants[$0] })
  }
}

/// Finds every value's type, and the values that are constant.
package enum ShapeInference {
  /// The oldest operator set whose rules the operators know.
  package static let lowestOpset = 7
  /// Constants larger than this are computed at run time instead of being kept beside the plan.
  package static let largestFoldedBytes = 64 << 20

  /// Types of all values of `graph`, whose nodes stand in topological order.
  ///
  /// Nodes with only constant inputs, and those that read only shapes, are evaluated once, so that chains such as
  /// Shape -> Gather -> Concat -> Reshape resolve.
  /// - Parameters:
  ///   - graph: valid, its nodes sorted.
  ///   - dimensions: a number for each symbolic dimension of the inputs (see `symbolicDimensions`).
  ///   - registry: the operators that are known.
  ///   - outer: what is known of the values around a nested graph.
  ///   - allowsUnknown: whether types that only a run can tell are listed in `unknown` instead of thrown.
  ///   - largestFoldedBytes: constants larger than this are not computed.
  /// - Throws: `OperatorError`, `TensorError`.
  package static func inferTypes(
    graph: Graph, dimensions: [String: Int], registry: OperatorRegistry = .standard,
    outer: InferredTypes = InferredTypes(), allowsUnknown: Bool = false,
    largestFoldedBytes: Int = largestFoldedBytes
  ) throws -> InferredTypes {
    guard graph.opset >= lowestOpset else {
      throw OperatorError.opsetTooOld(found: graph.opset, lowest: lowestOpset)
    }
    var known = outer
    known.foldedNodes = []
    for input in graph.inputs {
      if allowsUnknown, !input.wrapping.isEmpty || input.dimensions == nil {
        known.unknown.insert(input.name)
        continue
      }
      known.types[input.name] = try TensorType(input.dataType, shape(of: input, dimensions: dimensions))
    }
    for (name, weight) in graph.initializers {
      known.types[name] = TensorType(weight.dataType, weight.shape)
      if case .dense(let tensor) = weight { known.constants[name] = tensor }
    }
    for node in graph.nodes {
      do {
        guard !node.reads.contains(where: known.unknown.contains) else {
          throw OperatorError.knownWhenRun(kind: node.kind, node: node.name)
        }
        try infer(node, graph, registry, largestFoldedBytes, &known)
      } catch let error as OperatorError where allowsUnknown && error.isKnownWhenRun {
        known.unknown.formUnion(node.outputs.filter { !$0.isEmpty })
      }
    }
    return known
  }

  private static func infer(
    _ node: Node, _ graph: Graph, _ registry: OperatorRegistry, _ largestFoldedBytes: Int,
    _ known: inout InferredTypes
  ) throws {
    let member = try registry.find(node, opset: graph.opset(of: node))
    let promises = member.traits(of: node.kind).promises
    let site = try known.site(of: node, in: graph)
    if promises.contains(.dynamic) {
      return try fold(node, member, site, graph, registry, largestFoldedBytes, &known)
    }
    let types = try member.infer(site)
    guard types.count >= node.outputs.count else {
      throw OperatorError.outputs(
        kind: node.kind, node: node.name, expected: types.count, found: node.outputs.count)
    }
    for (name, type) in zip(node.outputs, types) where !name.isEmpty {
      guard type.byteCount <= OperatorLimits.largestValueBytes else {
        throw OperatorError.tooLarge(
          kind: node.kind, node: node.name, shape: type.shape.dimensions,
          limit: OperatorLimits.largestValueBytes)
      }
      known.types[name] = type
    }
    guard types.reduce(0, { $0 + $1.byteCount }) <= largestFoldedBytes, !promises.contains(.random),
      let inputs = foldable(node, member, graph, known)
    else { return }
    let results: [Tensor?]
    if promises.contains(.typeOnly) {
      let body = try member.prepare(
        OperatorSite(node: node, opset: site.opset, inputs: site.inputs, constants: inputs), outputs: types,
        table: .for(.portable))
      results = try body.evaluate(inputs: inputs, outputs: types)
    } else {
      results = try registry.evaluate(node, opset: site.opset, constants: inputs)
    }
    for (name, result) in zip(node.outputs, results) where !name.isEmpty { known.constants[name] = result }
    known.foldedNodes.insert(node.name)
  }

  /// Evaluates a dynamic operator whose inputs are all constant.
  private static func fold(
    _ node: Node, _ member: any Operator, _ site: OperatorSite, _ graph: Graph,
    _ registry: OperatorRegistry, _ largestFoldedBytes: Int, _ known: inout InferredTypes
  ) throws {
    let hasGraph = node.attributes.values.contains { if case .graph = $0 { true } else { false } }
    guard !hasGraph, !member.traits(of: node.kind).promises.contains(.random),
      let inputs = foldable(node, member, graph, known)
    else {
      throw OperatorError.knownWhenRun(kind: node.kind, node: node.name)
    }
    let tensors = try registry.evaluate(node, opset: site.opset, constants: inputs)
    for (name, tensor) in zip(node.outputs, tensors) where !name.isEmpty {
      guard let tensor, tensor.byteCount <= largestFoldedBytes else {
        throw OperatorError.knownWhenRun(kind: node.kind, node: node.name)
      }
      known.types[name] = TensorType(tensor.dataType, tensor.shape)
      known.constants[name] = tensor
    }
    known.foldedNodes.insert(node.name)
  }

  /// The constant inputs of a node that can be evaluated now; nil where one is not constant.
  private static func foldable(
    _ node: Node, _ member: any Operator, _ graph: Graph, _ known: InferredTypes
  ) -> [Tensor?]? {
    if member.traits(of: node.kind).promises.contains(.typeOnly) {
      return node.inputs.map { known.constants[$0] }
    }
    let isKnown = { (name: String) in
      name.isEmpty || known.constants[name] != nil || graph.initializers[name] != nil
    }
    // Asked first: the values of quantized weights are only computed where they are needed.
    guard node.inputs.allSatisfy(isKnown) else { return nil }
    return node.inputs.map { known.constants[$0] ?? graph.initializers[$0]?.tensor }
  }

  // MARK: Symbolic dimensions

  /// Names of the inputs' dimensions that need a number, in order of appearance. A dimension without a name goes by
  /// `INPUT.AXIS`.
  package static func symbolicDimensions(of graph: Graph) -> [String] {
    var names: [String] = []
    for input in graph.inputs {
      for (axis, dimension) in (input.dimensions ?? []).enumerated() {
        guard case .symbolic(let name) = dimension else { continue }
        let shown = dimensionName(name, input: input.name, axis: axis)
        if !names.contains(shown) { names.append(shown) }
      }
    }
    return names
  }

  /// Numbers for the symbolic dimensions from tensors to be fed; the first tensor that has a dimension decides.
  package static func dimensions(of graph: Graph, from inputs: [String: Tensor]) -> [String: Int] {
    var numbers: [String: Int] = [:]
    for input in graph.inputs {
      guard let tensor = inputs[input.name] else { continue }
      for (axis, dimension) in (input.dimensions ?? []).enumerated() where axis < tensor.shape.rank {
        guard case .symbolic(let name) = dimension else { continue }
        let shown = dimensionName(name, input: input.name, axis: axis)
        if numbers[shown] == nil { numbers[shown] = tensor.shape[axis] }
      }
    }
    return numbers
  }

  private static func dimensionName(_ name: String, input: String, axis: Int) -> String {
    name.isEmpty ? "\(input).\(axis)" : name
  }

  private static func shape(of input: ValueInfo, dimensions: [String: Int]) throws -> Shape {
    guard let declared = input.dimensions else { throw OperatorError.unknownRank(input: input.name) }
    return try Shape(
      declared.enumerated().map { axis, dimension in
        switch dimension {
        case .fixed(let value): return value
        case .symbolic(let symbol):
          let name = dimensionName(symbol, input: input.name, axis: axis)
          guard let value = dimensions[name] else {
            throw OperatorError.unboundDimension(name: name, input: input.name)
          }
          guard value >= 1 else { throw OperatorError.dimension(name: name, found: value) }
          return value
        }
      })
  }
}
