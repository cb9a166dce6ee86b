import GraphIR
import Kernels

/// A stretch of a run that is timed on its own.
package struct PlanStep: Sendable, Hashable {
  /// Short text for people, such as "Conv+Relu".
  package let name: String
  /// Names of the graph's nodes it covers; empty for a change of layout.
  package let nodes: [String]
  package let kernel: StepKernel
  /// The weight layer it computes (its node's name), if any.
  package let layer: String?
  /// Bytes that one run moves; nil where only running tells shapes.
  package var traffic: StepTraffic?
}

/// What a step runs.
package enum StepKernel: Sendable, Hashable, CustomStringConvertible {
  /// Products of matrices, by a kernel of their own.
  case product(KernelIdentity)
  /// An operator's own code.
  case operation(OperatorKind)
  /// A change of layout.
  case transpose

  package var description: String {
    switch self {
    case .product(let kernel): "\(kernel)"
    case .operation(let kind): "\(kind)"
    case .transpose: "transpose"
    }
  }
}

/// Bytes that one run of a step reads and writes: its operands, each whole and once, whatever a cache holds.
package struct StepTraffic: Sendable, Hashable {
  /// Weights as the kernel keeps them, and other constants.
  package var weightsRead: Int
  package var dataRead: Int
  package var dataWritten: Int
}
