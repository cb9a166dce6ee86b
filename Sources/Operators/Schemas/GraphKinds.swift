import GraphIR
import TensorCore

/// The kinds of a graph's values as ONNX's declarations of operators tell them, without running or planning anything: a
/// value whose kind depends on what is not known is left out.
package struct GraphKinds: Sendable {
  package private(set) var kinds: [String: ValueKind]
  let schemas: OperatorSchemas
  let opsets: [String: Int]

  /// Kinds of the inputs and weights; what nodes make follows by `add`.
  /// - Parameters:
  ///   - graph: the graph whose kinds are wanted.
  ///   - outer: what is known around a nested graph.
  ///   - schemas: what ONNX declares of its operators.
  package init(_ graph: Graph, outer: [String: ValueKind] = [:], schemas: OperatorSchemas = .standard) {
    self.schemas = schemas
    opsets = graph.opsets
    kinds = outer
    for input in graph.inputs where input.isTyped {
      kinds[input.name] = ValueKind(input.dataType, wrapping: input.wrapping)
    }
    for (name, weight) in graph.initializers { kinds[name] = ValueKind(weight.dataType) }
  }

  /// The kinds of all values of a sorted graph.
  package init(inferring graph: Graph, outer: [String: ValueKind] = [:]) {
    self.init(graph, outer: outer)
    for node in graph.nodes { add(node) }
  }

  package subscript(value: String) -> ValueKind? { kinds[value] }

  /// Sets what is known of a value from elsewhere.
  mutating func set(_ value: String, _ kind: ValueKind?) {
    if let kind, kinds[value] == nil { kinds[value] = kind }
  }

  /// Adds what a node makes.
  package mutating func add(_ node: Node) {
    guard case .schema(let schema) = entry(of: node) else { return }
    var variables: [String: ValueKind] = [:]
    for (index, input) in node.inputs.enumerated() {
      guard let parameter = OperatorSchema.parameter(index, of: schema.inputs), let kind = kinds[input],
        let variable = parameter.variable, parameter.isHomogeneous
      else { continue }
      variables[variable] = variables[variable] ?? kind
    }
    let own = declared(by: node)
    for (index, output) in node.outputs.enumerated() where !output.isEmpty {
      guard let parameter = OperatorSchema.parameter(index, of: schema.outputs) else { continue }
      var found = own.indices.contains(index) ? own[index] : nil
      if found == nil, let variable = parameter.variable, parameter.isHomogeneous {
        found = variables[variable]
      }
      if found == nil, parameter.kinds.count == 1 { found = parameter.kinds.first }
      if let found { kinds[output] = found }
    }
  }

  func entry(of node: Node) -> OperatorSchemas.Entry {
    schemas.entry(node.kind, opset: node.opset ?? opset(of: node.kind))
  }

  /// The version of the operator set that a kind belongs to.
  func opset(of kind: OperatorKind) -> Int {
    kind.domain.isEmpty ? opsets[""] ?? 13 : opsets[kind.domain] ?? 1
  }

  /// The kinds of outputs that follow from attributes or nested graphs rather than from inputs.
  private func declared(by node: Node) -> [ValueKind?] {
    func type(_ attribute: String) -> ValueKind? {
      node.int(attribute).flatMap { DataType(onnxCode: $0) }.map { ValueKind($0) }
    }
    switch node.kind.type {
    case "Cast": return [type("to")]
    case "BitCast": return [type("to")]
    case "ConstantOfShape": return [ValueKind(node.tensor("value")?.dataType ?? .float32)]
    case "Constant": return [node.tensor("value").map { ValueKind($0.dataType) }]
    case "RandomNormal", "RandomUniform": return [type("dtype") ?? ValueKind(.float32)]
    case "Multinomial": return [type("dtype") ?? ValueKind(.int32)]
    case "RandomNormalLike", "RandomUniformLike", "EyeLike", "Bernoulli":
      return [type("dtype") ?? node.input(0).flatMap { kinds[$0] }]
    case "BlackmanWindow", "HannWindow", "HammingWindow", "MelWeightMatrix":
      return [type("output_datatype") ?? ValueKind(.float32)]
    case "SequenceEmpty":
      return [
        ValueKind(
          node.int("dtype").flatMap { DataType(onnxCode: $0) } ?? .float32, wrapping: [.sequence])
      ]
    case "SequenceConstruct":
      return [node.inputs.lazy.compactMap { kinds[$0] }.first.map { $0.wrapped(in: .sequence) }]
    case "SplitToSequence": return [node.input(0).flatMap { kinds[$0] }?.wrapped(in: .sequence)]
    case "SequenceAt", "ConcatFromSequence": return [node.input(0).flatMap { kinds[$0] }?.unwrapped]
    case "OptionalGetElement":
      return [
        node.input(0).flatMap { kinds[$0] }.flatMap { $0.wrapping.first == .optional ? $0.unwrapped : $0 }
      ]
    case "Optional": return [node.input(0).flatMap { kinds[$0] }?.wrapped(in: .optional)]
    case "QuantizeLinear":
      return [node.input(2).flatMap { kinds[$0] } ?? type("output_dtype") ?? ValueKind(.uint8)]
    case "DequantizeLinear": return [type("output_dtype") ?? node.input(1).flatMap { kinds[$0] }]
    case "If", "Loop", "Scan", "SequenceMap": return bodyOutputs(node)
    default: return []
    }
  }

  // MARK: - Nested graphs

  /// What is known inside a nested graph, before its nodes.
  func inside(_ body: Graph, of node: Node) -> GraphKinds {
    var result = GraphKinds(body, outer: kinds, schemas: schemas)
    // A name of the body's own that is not known yet is no value of the graph around it.
    for input in body.inputs where !input.isTyped { result.kinds[input.name] = nil }
    func fed(_ index: Int) -> ValueKind? { node.input(index).flatMap { kinds[$0] } }
    switch node.kind.type {
    case "Loop":
      for (index, input) in body.inputs.enumerated() {
        result.set(input.name, index == 0 ? ValueKind(.int64) : index == 1 ? ValueKind(.bool) : fed(index))
      }
    case "Scan":
      for (index, input) in body.inputs.enumerated() { result.set(input.name, fed(index)) }
    case "SequenceMap":
      for (index, input) in body.inputs.enumerated() {
        let kind = fed(index)
        result.set(input.name, kind.flatMap { $0.wrapping.first == .sequence ? $0.unwrapped : $0 })
      }
    default: break
    }
    return result
  }

  private func bodyOutputs(_ node: Node) -> [ValueKind?] {
    guard let body = node.body("then_branch") ?? node.body("body") else { return [] }
    var inner = inside(body, of: node)
    for node in body.nodes { inner.add(node) }
    let found = body.outputs.map { inner[$0.name] }
    switch node.kind.type {
    case "Loop": return Array(found.dropFirst())
    case "SequenceMap": return found.map { $0?.wrapped(in: .sequence) }
    default: return found
    }
  }
}

extension OperatorSchema.Parameter {
  /// Whether all that stand at it have one kind.
  var isHomogeneous: Bool {
    if case .variadic(_, false) = presence { false } else { true }
  }
}

extension ValueKind {
  func wrapped(in outer: ValueWrapping) -> ValueKind { ValueKind(dataType, wrapping: [outer] + wrapping) }
}

extension Node {
  /// The graph nested in an attribute.
  func body(_ name: String) -> Graph? {
    if case .graph(let body)? = attributes[name] { body } else { nil }
  }
}

extension ValueInfo {
  /// Whether the file says what it is: a value of a nested graph may leave it open.
  package var isTyped: Bool { dimensions != nil || !wrapping.isEmpty || dataType != .float32 }
}
