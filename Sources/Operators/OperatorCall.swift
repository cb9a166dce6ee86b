import GraphIR
import Kernels
import TensorCore

/// One run of a node on values that are all known.
package struct OperatorCall {
  package let node: Node
  /// Version of the node's operator set.
  package let opset: Int
  /// One per node input; nil where an optional input is omitted.
  package let inputs: [RuntimeValue?]
  package let table: KernelTable
  /// Runs a graph nested in one of the node's attributes: its inputs in order, and its outputs in order. Names it does
  /// not define are those of the graph around the node.
  package let runGraph: (Graph, [RuntimeValue]) throws -> [RuntimeValue]

  package init(
    node: Node, opset: Int, inputs: [RuntimeValue?], table: KernelTable,
    runGraph: @escaping (Graph, [RuntimeValue]) throws -> [RuntimeValue]
  ) {
    self.node = node
    self.opset = opset
    self.inputs = inputs
    self.table = table
    self.runGraph = runGraph
  }

  /// The node with the types and values of its inputs, for the code that plans share.
  /// - Throws: where an input is no tensor.
  package func site() throws -> OperatorSite {
    let tensors = try inputs.enumerated().map { index, value -> Tensor? in
      guard let value else { return nil }
      guard let tensor = value.tensor else { throw inputError(index, expected: "a tensor") }
      return tensor
    }
    return OperatorSite(
      node: node, opset: opset, inputs: tensors.map { $0.map { TensorType($0.dataType, $0.shape) } },
      constants: tensors)
  }

  func inputError(_ index: Int, expected: String) -> OperatorError {
    let found = inputs.indices.contains(index) ? inputs[index]?.summary : nil
    return .input(
      kind: node.kind, node: node.name, input: index, expected: expected, found: found ?? "omitted")
  }

  /// The value of a required input.
  func input(_ index: Int) throws -> RuntimeValue {
    guard inputs.indices.contains(index), let value = inputs[index] else {
      throw OperatorError.missingInput(kind: node.kind, node: node.name, input: index)
    }
    return value
  }

  func optionalInput(_ index: Int) -> RuntimeValue? { inputs.indices.contains(index) ? inputs[index] : nil }

  /// A required input that must be a tensor.
  func tensor(_ index: Int) throws -> Tensor {
    guard case .tensor(let tensor) = try input(index) else { throw inputError(index, expected: "a tensor") }
    return tensor
  }

  /// A tensor of one of some types.
  func tensor(_ index: Int, of types: [DataType]) throws -> Tensor {
    let tensor = try tensor(index)
    guard types.contains(tensor.dataType) else {
      throw inputError(index, expected: "of type " + types.map(\.rawValue).joined(separator: ", "))
    }
    return tensor
  }

  /// An optional input that must be a tensor where it is given.
  func optionalTensor(_ index: Int) throws -> Tensor? {
    optionalInput(index) == nil ? nil : try tensor(index)
  }

  /// A required input that must be a sequence.
  func sequence(_ index: Int) throws -> [RuntimeValue] {
    guard case .sequence(let members) = try input(index) else {
      throw inputError(index, expected: "a sequence")
    }
    return members
  }

  /// A required input of one integer.
  func integer(_ index: Int) throws -> Int {
    let tensor = try tensor(index)
    guard tensor.count == 1, !tensor.dataType.isFloatingPoint, tensor.dataType != .string else {
      throw inputError(index, expected: "one integer")
    }
    return tensor.integers[0]
  }

  /// A required input of one Boolean.
  func boolean(_ index: Int) throws -> Bool {
    let tensor = try tensor(index, of: [.bool])
    guard tensor.count == 1 else { throw inputError(index, expected: "one Boolean") }
    return tensor.integers[0] != 0
  }

  /// A nested graph.
  func graph(_ name: String) throws -> Graph {
    guard case .graph(let graph) = node.attributes[name] else {
      throw OperatorError.attribute(
        kind: node.kind, node: node.name, name: name, expected: "a graph",
        found: node.attributes[name]?.kindName ?? "absent")
    }
    return graph
  }

  func graphError(_ name: String, expected: String, found: String) -> OperatorError {
    .nestedGraph(kind: node.kind, node: node.name, name: name, expected: expected, found: found)
  }
}

extension OperatorSite {
  /// - Throws: `OperatorError.tooLarge` where an output exceeds what a graph may compute.
  package func checkSizes(_ outputs: [TensorType]) throws {
    for type in outputs where type.byteCount > OperatorLimits.largestValueBytes {
      throw OperatorError.tooLarge(
        kind: node.kind, node: node.name, shape: type.shape.dimensions,
        limit: OperatorLimits.largestValueBytes)
    }
  }
}
