import GraphIR
import Kernels
import TensorCore

/// One operator kind: its shape rule and how it runs. Everything else about an operator (what pruning it means, how it
/// is fused) lives with that concern, keyed by kind.
package protocol Operator: Sendable {
  /// The kinds it serves; several where one implementation covers a family.
  var kinds: [OperatorKind] { get }

  /// What a plan may rely on; nothing by default.
  var traits: OperatorTraits { get }

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
  package var traits: OperatorTraits { [] }

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
/// are constant, and reports its outputs as unknown elsewhere.
package protocol DynamicOperator: Operator {}

extension DynamicOperator {
  package var traits: OperatorTraits { .dynamic }

  package func infer(_ site: OperatorSite) throws -> [TensorType] {
    throw OperatorError.knownWhenRun(kind: site.kind, node: site.node.name)
  }

  package func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody
  {
    throw OperatorError.knownWhenRun(kind: site.kind, node: site.node.name)
  }
}

/// What holds for every node of an operator, which lets a plan save memory and work.
package struct OperatorTraits: OptionSet, Sendable {
  package let rawValue: UInt8

  package init(rawValue: UInt8) { self.rawValue = rawValue }

  /// The first output has the bytes of the first input; both may be the same memory, and then nothing is copied.
  package static let view = OperatorTraits(rawValue: 1)
  /// The outputs depend on the inputs' types alone.
  package static let typeOnly = OperatorTraits(rawValue: 2)
  /// The first output may be the memory of an input of the same type and shape, as long as no other input shares it.
  package static let inPlace = OperatorTraits(rawValue: 4)
  /// `infer` and `prepare` always throw `OperatorError.knownWhenRun`; only `evaluate` runs it.
  package static let dynamic = OperatorTraits(rawValue: 8)
  /// Every run may give other values, so that nothing is computed ahead.
  package static let random = OperatorTraits(rawValue: 16)
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
