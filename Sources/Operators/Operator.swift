import GraphIR
import Kernels
import TensorCore

/// One operator kind: its shape rule, how it runs, and what is true of it. What a concern makes of a structure of its own
/// (which channels of a Conv go together, how an attention is fused) is a rule there, keyed by kind.
package protocol Operator: Sendable {
  /// The kinds it serves; several where one implementation covers a family.
  var kinds: [OperatorKind] { get }

  /// What is true of every node of one of its kinds.
  func traits(of kind: OperatorKind) -> OperatorTraits

  /// Types of all outputs, from input types and those inputs that are constants.
  /// - Throws: `OperatorError` naming the node, what was expected and what was found.
  func infer(_ site: OperatorSite) throws -> [TensorType]

  /// Checks everything that can be checked before running, and returns the code that runs.
  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody

  /// Runs a node on values that are all known. By default infers, prepares and runs the body in memory of its own;
  /// operators that give or take sequences and optionals, and those of `DynamicOperator`, do it themselves.
  /// - Returns: one value per output the operator has; nil for one that does not exist here.
  func evaluate(_ call: OperatorCall) throws -> [RuntimeValue?]
}

extension Operator {
  package func evaluate(_ call: OperatorCall) throws -> [RuntimeValue?] { try evaluateTensors(call) }

  /// What `evaluate` does by default.
  func evaluateTensors(_ call: OperatorCall) throws -> [RuntimeValue?] {
    let site = try call.site()
    let types = try infer(site)
    guard types.count >= call.node.outputs.count else {
      throw OperatorError.outputs(
        kind: call.node.kind, node: call.node.name, expected: types.count, found: call.node.outputs.count)
    }
    let outputs = Array(types.prefix(call.node.outputs.count))
    try site.checkSizes(outputs)
    let body = try prepare(site, outputs: outputs, table: call.table)
    return try body.evaluate(inputs: site.constants, outputs: outputs).map { .tensor($0) }
  }
}

/// An operator whose outputs are only known by running it: their shapes depend on the data (NonZero), they are not
/// tensors (SequenceInsert), or nested graphs make them (If, Loop).
///
/// It takes part in no planned memory: `evaluate` is all there is to it. `ShapeInference` evaluates it where its inputs
/// are constant, and reports its outputs as unknown elsewhere. Its traits promise `.dynamic`.
package protocol DynamicOperator: Operator {}

extension DynamicOperator {
  package func infer(_ site: OperatorSite) throws -> [TensorType] {
    throw OperatorError.knownWhenRun(kind: site.kind, node: site.node.name)
  }

  package func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody
  {
    throw OperatorError.knownWhenRun(kind: site.kind, node: site.node.name)
  }
}

/// A node with what is known about it when a plan is made.
package struct OperatorSite: Sendable {
  package let node: Node
  /// Version of the node's operator set.
  package let opset: Int
  /// One per node input; nil where an optional input is omitted.
  package let inputs: [TensorType?]
  /// One per node input; the value where it is known when planning.
  package let constants: [Tensor?]

  package init(node: Node, opset: Int, inputs: [TensorType?], constants: [Tensor?]) {
    self.node = node
    self.opset = opset
    self.inputs = inputs
    self.constants = constants
  }
}

/// A node made ready to run on memory planned elsewhere.
package struct OperatorBody: Sendable {
  /// Bytes of 64-byte aligned scratch memory one run needs.
  package let scratchBytes: Int
  /// Reads the inputs and writes every element of the outputs; allocates nothing. Throws only for bad data, such as an index out of range.
  package let run: @Sendable (OperatorArguments) throws -> Void

  package init(scratchBytes: Int = 0, run: @escaping @Sendable (OperatorArguments) throws -> Void) {
    self.scratchBytes = scratchBytes
    self.run = run
  }
}

/// The memory of one run: inputs (nil where omitted), outputs (nil where not wanted) and scratch.
package struct OperatorArguments {
  package let inputs: UnsafePointer<UnsafeRawPointer?>
  package let outputs: UnsafePointer<UnsafeMutableRawPointer?>
  package let scratch: UnsafeMutableRawPointer?

  package init(
    inputs: UnsafePointer<UnsafeRawPointer?>, outputs: UnsafePointer<UnsafeMutableRawPointer?>,
    scratch: UnsafeMutableRawPointer?
  ) {
    self.inputs = inputs
    self.outputs = outputs
    self.scratch = scratch
  }
}
