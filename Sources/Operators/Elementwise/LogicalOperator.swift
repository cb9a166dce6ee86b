import GraphIR
import Kernels
import TensorCore

/// And, Or, Xor (broadcast) and Not of booleans; any byte but 0 is true.
struct LogicalOperator: Operator {
  let kinds: [OperatorKind] = ["And", "Or", "Xor", "Not"]

  func traits(of kind: OperatorKind) -> OperatorTraits {
    .pointwise(.all, .declined("its output is Boolean"))
  }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let a = try site.input(0, of: [.bool])
    if site.kind.type == "Not" { return [a] }
    let b = try site.input(1, of: [.bool])
    return [TensorType(.bool, try site.broadcast([a.shape, b.shape]))]
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    let a = try site.input(0).shape
    let isNot = site.kind.type == "Not"
    let nest = LoopNest(
      broadcasting: isNot ? [a, a] : [a, try site.input(1).shape], to: outputs[0].shape)
    let apply: @Sendable (UInt8, UInt8) -> Bool =
      switch site.kind.type {
      case "And": { $0 != 0 && $1 != 0 }
      case "Or": { $0 != 0 || $1 != 0 }
      case "Xor": { ($0 != 0) != ($1 != 0) }
      default: { a, _ in a == 0 }
      }
    return OperatorBody { arguments in
      guard let output = arguments.output(0, as: Bool.self) else { return }
      pairLoop(
        nest, arguments.input(0, as: UInt8.self), arguments.input(isNot ? 0 : 1, as: UInt8.self), output,
        apply)
    }
  }
}
