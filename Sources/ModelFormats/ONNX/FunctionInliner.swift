import GraphIR

/// Replaces calls of model-local functions by the nodes of their bodies, so that a graph is all there is.
///
/// Values and nodes of a body get names that nothing else has. Attribute references take the call's value or the
/// function's default, or are left out where neither exists. Functions may call each other, but not in a circle.
struct FunctionInliner {
  private let file: String
  private let functions: [FunctionKey: ONNXFunctionProto]
  private var names = NameTable()
  /// Nodes that may still be made.
  private var budget: Int
  private let limit: Int

  /// - Parameter size: of the model's file in bytes; what inlining makes must be in proportion to it.
  init(_ model: ONNXModelProto, file: String, size: Int) throws {
    self.file = file
    limit = 10_000 + size / 4
    budget = limit
    var functions: [FunctionKey: ONNXFunctionProto] = [:]
    for function in model.functions {
      let key = FunctionKey(domain: function.domain, name: function.name, overload: function.overload)
      guard functions.updateValue(function, forKey: key) == nil else {
        throw FormatError.duplicateName(file: file, what: "functions", name: function.name)
      }
    }
    self.functions = functions
  }

  /// The model without calls, and with the operator sets that the bodies need.
  /// - Throws: `FormatError.invalidNode` for a call that does not fit its function, `.invalidGraph` for recursion and
  ///   for an expansion out of proportion to the file.
  mutating func inlined(_ model: ONNXModelProto) throws -> ONNXModelProto {
    guard !functions.isEmpty else { return model }
    collectNames(model.graph)
    var model = model
    model.graph = try calls(in: model.graph, stack: [])
    let calledDomains = Set(functions.keys.map(\.domain))
    var domains = Set(model.opsetImport.map { OperatorDomain.normalized($0.domain) })
    for entry in model.functions.flatMap(\.opsetImport)
    where domains.insert(OperatorDomain.normalized(entry.domain)).inserted {
      model.opsetImport.append(entry)
    }
    model.opsetImport.removeAll {
      !$0.domain.isEmpty && calledDomains.contains($0.domain) && $0.domain != "ai.onnx"
    }
    model.functions = []
    return model
  }

  private mutating func collectNames(_ graph: ONNXGraphProto) {
    names.take(graph.input.lazy.map(\.name))
    names.take(graph.initializer.lazy.map(\.name))
    for node in graph.node {
      names.take([node.name])
      names.take(node.input)
      names.take(node.output)
      for attribute in node.attribute {
        if attribute.hasG { collectNames(attribute.g) }
        for nested in attribute.graphs { collectNames(nested) }
      }
    }
  }

  /// A graph of the model itself, whose names stay.
  private mutating func calls(in graph: ONNXGraphProto, stack: [FunctionKey]) throws -> ONNXGraphProto {
    var graph = graph
    graph.node = try graph.node.flatMap { node -> [ONNXNodeProto] in
      var node = node
      for index in node.attribute.indices {
        if node.attribute[index].hasG {
          node.attribute[index].g = try calls(in: node.attribute[index].g, stack: stack)
        }
        if !node.attribute[index].graphs.isEmpty {
          node.attribute[index].graphs = try node.attribute[index].graphs.map {
            try calls(in: $0, stack: stack)
          }
        }
      }
      return try expanded(node, stack: stack)
    }
    return graph
  }

  /// A node whose names and attributes are final: itself, or the body of the function it calls.
  private mutating func expanded(_ node: ONNXNodeProto, stack: [FunctionKey]) throws -> [ONNXNodeProto] {
    let key = FunctionKey(domain: node.domain, name: node.opType, overload: node.overload)
    guard let function = functions[key] else {
      budget -= 1
      guard budget >= 0 else {
        throw FormatError.invalidGraph(
          file: file,
          reason:
            "its functions expand to more than \(limit) nodes, out of proportion to the file; export it "
            + "without functions")
      }
      return [node]
    }
    guard !stack.contains(key), stack.count < FunctionInliner.depthLimit else {
      throw FormatError.invalidGraph(
        file: file,
        reason:
          "function \(function.name.shown) calls itself, in \(stack.map(\.name).joined(separator: " > ").shown); "
          + "export the model without it")
    }
    guard node.input.count <= function.input.count, node.output.count <= function.output.count else {
      throw FormatError.invalidNode(
        file: file, node: node.name, kind: key.name,
        expected:
          "at most \(function.input.count) inputs and \(function.output.count) outputs, as its function has",
        found: "\(node.input.count) and \(node.output.count)")
    }
    var scope = Scope(prefix: node.name.isEmpty ? key.name : node.name)
    for (index, name) in function.input.enumerated() {
      scope.names[name] = index < node.input.count ? node.input[index] : ""
    }
    for attribute in function.attributeProto { scope.attributes[attribute.name] = attribute }
    for attribute in node.attribute { scope.attributes[attribute.name] = attribute }
    // A body may return one of its inputs; a copy then carries the name that the call asks for.
    var copies: [ONNXNodeProto] = []
    for (index, name) in function.output.enumerated() where index < node.output.count {
      let wanted = node.output[index]
      if wanted.isEmpty { continue }
      if let source = scope.names[name] {
        var copy = ONNXNodeProto()
        copy.opType = "Identity"
        copy.name = names.fresh(scope.prefix + "/" + name)
        copy.input = [source]
        copy.output = [wanted]
        copies.append(copy)
      } else {
        scope.names[name] = wanted
      }
    }
    return try body(function.node, scope: &scope, stack: stack + [key]) + copies
  }

  private mutating func body(
    _ nodes: [ONNXNodeProto], scope: inout Scope, stack: [FunctionKey]
  ) throws -> [ONNXNodeProto] {
    for node in nodes {
      for name in node.output where !name.isEmpty && scope.names[name] == nil {
        scope.names[name] = names.fresh(scope.prefix + "/" + name)
      }
    }
    var result: [ONNXNodeProto] = []
    for stored in nodes {
      var node = stored
      node.name = names.fresh(scope.prefix + "/" + (stored.name.isEmpty ? stored.opType : stored.name))
      node.input = stored.input.map { scope.names[$0] ?? $0 }
      node.output = stored.output.map { scope.names[$0] ?? $0 }
      node.attribute = try stored.attribute.compactMap { try attribute($0, scope: scope, stack: stack) }
      result += try expanded(node, stack: stack)
    }
    return result
  }

  /// An attribute inside a body; nil where it refers to one that nobody gives.
  private mutating func attribute(
    _ stored: ONNXAttributeProto, scope: Scope, stack: [FunctionKey]
  ) throws -> ONNXAttributeProto? {
    if !stored.refAttrName.isEmpty {
      guard var value = scope.attributes[stored.refAttrName] else { return nil }
      value.name = stored.name
      return value
    }
    var attribute = stored
    if stored.hasG { attribute.g = try nested(stored.g, scope: scope, stack: stack) }
    if !stored.graphs.isEmpty {
      attribute.graphs = try stored.graphs.map { try nested($0, scope: scope, stack: stack) }
    }
    return attribute
  }

  /// A graph nested in a body: its own names are made unique, those it captures follow the body's.
  private mutating func nested(
    _ stored: ONNXGraphProto, scope: Scope, stack: [FunctionKey]
  ) throws -> ONNXGraphProto {
    var scope = scope
    var graph = stored
    for index in graph.input.indices { graph.input[index].name = rename(stored.input[index].name, &scope) }
    for index in graph.initializer.indices {
      graph.initializer[index].name = rename(stored.initializer[index].name, &scope)
    }
    for index in graph.sparseInitializer.indices {
      graph.sparseInitializer[index].values.name = rename(stored.sparseInitializer[index].values.name, &scope)
    }
    for node in stored.node { for name in node.output where !name.isEmpty { _ = rename(name, &scope) } }
    graph.node = try body(stored.node, scope: &scope, stack: stack)
    for index in graph.output.indices {
      graph.output[index].name = scope.names[stored.output[index].name] ?? stored.output[index].name
    }
    return graph
  }

  private mutating func rename(_ name: String, _ scope: inout Scope) -> String {
    let new = names.fresh(scope.prefix + "/" + name)
    scope.names[name] = new
    return new
  }

  /// What names and attributes of a body stand for.
  private struct Scope {
    let prefix: String
    var names: [String: String] = [:]
    var attributes: [String: ONNXAttributeProto] = [:]

    init(prefix: String) { self.prefix = prefix }
  }

  private struct FunctionKey: Hashable {
    let domain: String
    let name: String
    let overload: String

    init(domain: String, name: String, overload: String) {
      self.domain = OperatorDomain.normalized(domain)
      self.name = name
      self.overload = overload
    }
  }

  /// Real models nest a handful.
  private static let depthLimit = 64
}

enum OperatorDomain {
  /// The default domain has two names.
  static func normalized(_ domain: String) -> String { domain == "ai.onnx" ? "" : domain }
}
