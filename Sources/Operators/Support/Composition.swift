import GraphIR
import Kernels
import TensorCore

/// A node written as a few other operators, each of which writes memory of its own inside the node's scratch.
struct Composition {
  /// A value: an input of the node, a constant, or what a step gives.
  enum Value: Sendable {
    case input(Int)
    case constant(Tensor)
    case temporary(Int)
  }

  /// The operator set whose rules the steps follow.
  private static let opset = 21

  let site: OperatorSite
  private let registry: OperatorRegistry
  private var steps: [Step] = []
  private var temporaries: [TensorType] = []

  private struct Step {
    let member: any Operator
    let site: OperatorSite
    let inputs: [Value?]
    let outputs: [Int]
  }

  init(_ site: OperatorSite, registry: OperatorRegistry = .standard) {
    self.site = site
    self.registry = registry
  }

  /// An input of the node; nil where it is omitted.
  func input(_ index: Int) -> Value? { site.optionalInput(index) == nil ? nil : .input(index) }

  /// An input that must be there.
  func required(_ index: Int) throws -> Value {
    _ = try site.input(index)
    return .input(index)
  }

  func type(of value: Value) throws -> TensorType {
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
    let node = Node(
      name: site.node.name, kind: kind, inputs: inputs.map { $0 == nil ? "" : "x" },
      outputs: [String](repeating: "y", count: outputs), attributes: attributes)
    let part = OperatorSite(
      node: node, opset: kind.domain.isEmpty ? Self.opset : 1,
      inputs: try inputs.map { try $0.map { try type(of: $0) } },
      constants: inputs.map { value in
        switch value {
        case .input(let index): site.knownConstant(index)
        case .constant(let tensor): tensor
        case .temporary, nil: nil
        }
      })
    let member = try registry.find(node, opset: part.opset)
    let types = Array(try member.infer(part).prefix(outputs))
    guard types.count == outputs else {
      throw OperatorError.outputs(kind: kind, node: node.name, expected: types.count, found: outputs)
    }
    try part.checkSizes(types)
    let places = Array(temporaries.count..<temporaries.count + outputs)
    temporaries += types
    steps.append(Step(member: member, site: part, inputs: inputs, outputs: places))
    return places.map { .temporary($0) }
  }

  /// The code of all steps, and copies of the results into the node's outputs.
  func body(_ results: [Value?], table: KernelTable) throws -> OperatorBody {
    let bodies = try steps.map { step in
      try step.member.prepare(step.site, outputs: step.outputs.map { temporaries[$0] }, table: table)
    }
    var end = aligned(bodies.map(\.scratchBytes).max() ?? 0)
    let offsets = temporaries.map { type in
      defer { end += aligned(type.byteCount) }
      return end
    }
    let byteCounts = try results.map { try $0.map { try type(of: $0).byteCount } }
    let (inputs, outputs) = (steps.map(\.inputs), steps.map(\.outputs))
    return OperatorBody(scratchBytes: end) { arguments in
      func address(_ value: Value?) -> UnsafeRawPointer? {
        switch value {
        case .input(let index): arguments.inputs[index]
        case .constant(let tensor): tensor.bytes.baseAddress
        case .temporary(let index): arguments.scratch.map { UnsafeRawPointer($0 + offsets[index]) }
        case nil: nil
        }
      }
      try withExtendedLifetime(inputs) {
        for (index, body) in bodies.enumerated() {
          try withUnsafeTemporaryAllocation(
            of: UnsafeRawPointer?.self, capacity: inputs[index].count + 1
          ) { reads in
            try withUnsafeTemporaryAllocation(
              of: UnsafeMutableRawPointer?.self, capacity: outputs[index].count + 1
            ) { writes in
              for (place, value) in inputs[index].enumerated() { reads[place] = address(value) }
              for (place, value) in outputs[index].enumerated() {
                writes[place] = arguments.scratch.map { $0 + offsets[value] }
              }
              guard let from = reads.baseAddress, let to = writes.baseAddress else { return }
              try body.run(
                OperatorArguments(
                  inputs: UnsafePointer(from), outputs: UnsafePointer(to), scratch: arguments.scratch))
            }
          }
        }
        for (place, value) in results.enumerated() {
          guard let source = address(value), let target = arguments.outputs[place],
            let bytes = byteCounts[place]
          else { continue }
          target.copyMemory(from: source, byteCount: bytes)
        }
      }
    }
  }
}

/// An operator that is a composition of others.
protocol CompositeOperator: Operator {
  /// The steps; the results are the node's outputs, nil for one that does not exist here.
  func compose(_ steps: inout Composition) throws -> [Composition.Value?]
}

extension CompositeOperator {
  package func infer(_ site: OperatorSite) throws -> [TensorType] {
    var steps = Composition(site)
    return try compose(&steps).map { try $0.map { try steps.type(of: $0) } ?? TensorType(.float32, []) }
  }

  package func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody
  {
    var steps = Composition(site)
    let results = try compose(&steps)
    return try steps.body(Array(results.prefix(outputs.count)), table: table)
  }
}

extension OperatorKind {
  /// An operator of ONNX Runtime's own.
  package static func runtime(_ type: String) -> OperatorKind { OperatorKind(type, domain: "com.microsoft") }
}
