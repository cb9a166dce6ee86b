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
}

extension Operator {
  package var traits: OperatorTraits { [] }
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
