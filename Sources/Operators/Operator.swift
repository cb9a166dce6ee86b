import GraphIR
import Kernels
import TensorCore

/// One operator kind: its shape rule and how it runs. Everything else about an operator (what pruning it means, how it
/// is fused) lives with that concern, keyed by kind.
package protocol Operator: Sendable {
  /// The kinds it serves; several where one implementation covers a family.
  var kinds: [OperatorKind] { get }

  /// Types of all outputs, from input types and those inputs that are constants.
  /// - Throws: `OperatorError` naming the node, what was expected and what was found.
  func infer(_ site: OperatorSite) throws -> [TensorType]

  /// Checks everything that can be checked before running, and returns the code that runs.
  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody
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
