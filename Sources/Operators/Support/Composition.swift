import GraphIR
import Kernels
import TensorCore

/// A node written as a few other operators: an expression whose values know their types.
///
/// It is no graph: Rewriting's builder makes nodes of it, and alone its steps are evaluated one after another.
package struct Composition: Sendable {
  /// A value: an input of the node, a constant, or what a step gives.
  package enum Value: Sendable {
    case input(Int)
    case constant(Tensor)
    case temporary(Int)
  }

  package struct Step: Sendable {
    package let kind: OperatorKind
    package let attributes: [String: Attribute]
    package let inputs: [Value?]
    /// The temporaries it gives.
    package let outputs: [Int]
  }

  /// The operator set whose rules the steps of the default domain follow.
  package static let opset = 21

  package let site: OperatorSite
  package private(set) var steps: [Step] = []
  /// The types of what the steps give.
  package private(set) var temporaries: [TensorType] = []
  /// The node's outputs; nil for one that does not exist here.
  package private(set) var results: [Value?] = []
  private let registry: OperatorRegistry

  /// The composition of a node.
  /// - Throws: `OperatorError` where the operator does not take what it is given.
  package init(
    _ member: any CompositeOperator, _ site: OperatorSite, registry: OperatorRegistry = .standard
  ) throws {
    self.site = site
    self.registry = registry
    results = try member.compose(&self)
  }

  /// An input of the node; nil where it is omitted.
  func input(_ index: Int) -> Value? { site.optionalInput(index) == nil ? nil : .input(index) }

  /// An input that must be there.
  func required(_ index: Int) throws -> Value {
    _ = try site.input(index)
    return .input(index)
  }

  package func type(of value: Value) throws -> TensorType {
    switch value {
    case .input(let index): try site.input(index)
    case .constant(let tensor): TensorType(tensor.dataType, tensor.shape)
    case .temporary(let index): temporaries[index]
    }
  }

  static func integers(_ values: [Int]) throws -> Value {
    .constant(try Tensor(shape: Shape([values.count]), values.map { Int64($0) }))
  }

  static func scalar<Element: TensorElement>(_ value: Element) -> Value { .constant(Tensor(scalar: value)) }

  /// Adds a step and returns its first output.
  mutating func add(_ kind: OperatorKind, _ inputs: [Value?], _ attributes: [String: Attribute] = [:]) throws
    -> Value
  {
    try add(kind, inputs, attributes, outputs: 1)[0]
  }

  mutating func add(
    _ kind: OperatorKind, _ inputs: [Value?], _ attributes: [String: Attribute] = [:], outputs: Int
  ) throws -> [Value] {
    let places = Array(temporaries.count..<temporaries.count + outputs)
    let step = Step(kind: kind, attributes: attributes, inputs: inputs, outputs: places)
    let part = OperatorSite(
      node: node(of: step), opset: Composition.opset(of: kind),
      inputs: try inputs.map { try $0.map { try type(of: $0) } },
      constants: inputs.map { value in
        switch value {
        case .input(let index): site.knownConstant(index)
        case .constant(let tensor): tensor
        case .temporary, nil: nil
        }
      })
    let types = Array(try registry.find(part.node, opset: part.opset).infer(part).prefix(outputs))
    guard types.count == outputs else {
      throw OperatorError.outputs(kind: kind, node: part.node.name, expected: types.count, found: outputs)
    }
    try part.checkSizes(types)
    temporaries += types
    steps.append(step)
    return places.map { .temporary($0) }
  }

  private static func opset(of kind: OperatorKind) -> Int { kind.domain.isEmpty ? opset : 1 }

  /// A step as a node, for messages and attributes; the names of its values say nothing.
  private func node(of step: Step) -> Node {
    Node(
      name: site.node.name, kind: step.kind, inputs: step.inputs.map { $0 == nil ? "" : "x" },
      outputs: [String](repeating: "y", count: step.outputs.count), attributes: step.attributes)
  }

  /// The node's outputs from its inputs, each step in memory of its own.
  fileprivate func evaluate(_ inputs: [RuntimeValue?], table: KernelTable) throws -> [RuntimeValue?] {
    var made = [RuntimeValue?](repeating: nil, count: temporaries.count)
    func value(_ value: Value?) -> RuntimeValue? {
      switch value {
      case .input(let index): inputs[index]
      case .constant(let tensor): .tensor(tensor)
      case .temporary(let index): made[index]
      case nil: nil
      }
    }
    for step in steps {
      let node = node(of: step)
      let call = OperatorCall(
        node: node, opset: Composition.opset(of: step.kind), inputs: step.inputs.map(value), table: table
      ) { _, _ in throw OperatorError.knownWhenRun(kind: step.kind, node: node.name) }
      let found = try registry.find(node, opset: call.opset).evaluate(call)
      for (place, result) in zip(step.outputs, found) { made[place] = result }
    }
    return results.map(value)
  }
}

/// An operator that is a composition of others. Plans write it out as those, so that there is nothing to prepare.
package protocol CompositeOperator: Operator {
  /// Adds the steps; the results are the node's outputs, nil for one that does not exist here.
  func compose(_ steps: inout Composition) throws -> [Composition.Value?]
}

extension CompositeOperator {
  package func infer(_ site: OperatorSite) throws -> [TensorType] {
    let steps = try Composition(self, site)
    return try steps.results.map { try $0.map { try steps.type(of: $0) } ?? TensorType(.float32, []) }
  }

  package func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody
  {
    throw OperatorError.composite(kind: site.kind, node: site.node.name)
  }

  package func evaluate(_ call: OperatorCall) throws -> [RuntimeValue?] {
    let steps = try Composition(self, call.site())
    let count = call.node.outputs.count
    guard steps.results.count >= count else {
      throw OperatorError.outputs(
        kind: call.node.kind, node: call.node.name, expected: steps.results.count, found: count)
    }
    return Array(try steps.evaluate(call.inputs, table: call.table).prefix(count))
  }
}

extension OperatorRegistry {
  /// The operator of a kind where it is a composition of others.
  package func composite(_ kind: OperatorKind) -> (any CompositeOperator)? {
    self[kind] as? any CompositeOperator
  }
}

extension OperatorKind {
  /// An operator of ONNX Runtime's own.
  package static func runtime(_ type: String) -> OperatorKind { OperatorKind(type, domain: "com.microsoft") }
}
