import GraphIR
import Kernels
import TensorCore

/// Range from start below limit by delta, all constant scalars of one type.
struct RangeOperator: Operator {
  let kinds: [OperatorKind] = ["Range"]

  func traits(of kind: OperatorKind) -> OperatorTraits { .opaque("it counts from numbers") }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let type = try site.input(0, of: [.int16, .int32, .int64] + DataType.real).dataType
    for index in 1...2 { try site.input(index, of: [type]) }
    let values = try (0...2).map { index in
      let tensor = try site.requiredConstant(index)
      guard tensor.count == 1 else { throw site.inputError(index, expected: "one value") }
      return tensor
    }
    return [TensorType(type, try site.shape([try count(site, values)]))]
  }

  private func count(_ site: OperatorSite, _ values: [Tensor]) throws -> Int {
    if values[0].dataType.isFloatingPoint {
      let (start, limit, delta) = (values[0].real, values[1].real, values[2].real)
      let steps = ((limit - start) / delta).rounded(.up)
      guard delta != 0, steps.isFinite, steps < Double(OperatorLimits.largestElementCount) else {
        throw site.attributeError("delta", expected: "a step that reaches the limit", found: "\(delta)")
      }
      return steps > 0 ? Int(steps) : 0
    }
    let (start, limit, delta) = (values[0].integers[0], values[1].integers[0], values[2].integers[0])
    let (distance, overflow) = limit.subtractingReportingOverflow(start)
    guard delta != 0, !overflow, distance != Int.min, delta != Int.min else {
      throw site.attributeError("delta", expected: "a step that reaches the limit", found: "\(delta)")
    }
    if (distance > 0) != (delta > 0) { return 0 }
    let (length, step) = (abs(distance), abs(delta))
    return length / step + (length % step == 0 ? 0 : 1)
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    try site.dispatch(0, Visitor(count: outputs[0].shape.count))
  }

  private struct Visitor: NumericVisitor {
    let count: Int

    func visit<Element: NumericElement>(_ type: Element.Type) -> OperatorBody {
      let (add, multiply) = (Element.pair(.add), Element.pair(.mul))
      return OperatorBody { [count] arguments in
        guard let output = arguments.output(0, as: Element.self) else { return }
        let (start, delta) = (
          arguments.input(0, as: Element.self)[0], arguments.input(2, as: Element.self)[0]
        )
        for index in 0..<count {
          output[index] = add(start, multiply(Element(saturating: Double(index)), delta))
        }
      }
    }
  }
}

extension Tensor {
  /// The single element as float64.
  fileprivate var real: Double {
    if dataType == .float64, let value = try? withElements(of: Double.self, { $0[0] }) { return value }
    return Double(floats[0])
  }
}
