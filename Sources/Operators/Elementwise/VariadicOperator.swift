import GraphIR
import Kernels
import TensorCore

/// Max, Min, Sum and Mean of one or more operands, broadcast together.
struct VariadicOperator: Operator {
  let kinds: [OperatorKind] = ["Max", "Min", "Sum", "Mean"]

  func traits(of kind: OperatorKind) -> OperatorTraits {
    .pointwise(.all, .given { site, place in Self.gradient(site, place) })
  }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let first = try site.input(0)
    for index in site.inputs.indices where try site.input(index).dataType != first.dataType {
      throw site.inputError(index, expected: "of type \(first.dataType.rawValue)")
    }
    guard first.dataType != .bool else { throw site.inputError(0, expected: "numeric") }
    let shapes = try site.inputs.indices.map { try site.input($0).shape }
    return [TensorType(first.dataType, try site.broadcast(shapes))]
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    let operation: PairOperation =
      switch site.kind.type {
      case "Max": .max
      case "Min": .min
      default: .add
      }
    return try site.dispatch(
      0, Visitor(site: site, operation: operation, result: outputs[0].shape, table: table.vector))
  }

  private struct Visitor: NumericVisitor {
    let site: OperatorSite
    let operation: PairOperation
    let result: Shape
    let table: VectorTable

    func visit<Element: NumericElement>(_ type: Element.Type) throws -> OperatorBody {
      let first = StridedCopy(
        LoopNest(broadcasting: [try site.input(0).shape], to: result), of: try site.input(0).dataType)
      // Every other operand is combined with what the output holds already: the first, or the one whose memory it is.
      let nests = try site.inputs.indices.map {
        LoopNest(broadcasting: [result, try site.input($0).shape], to: result)
      }
      let apply = Element.pair(operation)
      let divide = Element.pair(.div)
      let divisor = site.kind.type == "Mean" ? Element(exactly: site.inputs.count) : nil
      let kernels = Element.self == Float.self ? PairKernels(operation, table) : nil
      let count = result.count
      return OperatorBody { arguments in
        guard let output = arguments.output(0, as: Element.self) else { return }
        let shared = nests.indices.first { arguments.inputs[$0] == UnsafeRawPointer(output) }
        if shared == nil { first.run(from: arguments.input(0, as: UInt8.self), to: output) }
        for (index, nest) in nests.enumerated() where index != shared ?? 0 {
          if let kernels, let out = arguments.output(0, as: Float.self) {
            kernels.run(nest, out, arguments.input(index), out)
          } else {
            pairLoop(nest, output, arguments.input(index, as: Element.self), output, apply)
          }
        }
        guard let divisor else { return }
        for index in 0..<count { output[index] = divide(output[index], divisor) }
      }
    }
  }
}
