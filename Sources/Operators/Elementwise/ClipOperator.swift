import GraphIR
import Kernels
import TensorCore

/// Clip: limits from attributes (opset 6) or optional scalar inputs (11 on). Where the limits cross, the upper one wins.
struct ClipOperator: Operator {
  let kinds: [OperatorKind] = ["Clip"]

  func traits(of kind: OperatorKind) -> OperatorTraits {
    .pointwise(
      .only([0]),
      // Where nothing was cut off the result is the operand.
      .of { x, y, g in .select(.equal(x, y), g, 0) })
  }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let type = try site.input(0, of: DataType.numeric + DataType.halves)
    for index in 1...2 {
      guard let limit = site.optionalInput(index) else { continue }
      guard limit.dataType == type.dataType, limit.shape.count == 1 else {
        throw site.inputError(index, expected: "one value of type \(type.dataType.rawValue)")
      }
    }
    return [type]
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    try site.dispatch(0, Visitor(site: site, count: outputs[0].shape.count, table: table.vector))
  }

  private struct Visitor: NumericVisitor {
    let site: OperatorSite
    let count: Int
    let table: VectorTable

    func visit<Element: NumericElement>(_ type: Element.Type) throws -> OperatorBody {
      let low = try attribute("min") ?? Element.lowest
      let high = try attribute("max") ?? Element.highest
      let (hasLow, hasHigh) = (site.optionalInput(1) != nil, site.optionalInput(2) != nil)
      let vector = table
      return OperatorBody { [count] arguments in
        guard let output = arguments.output(0, as: Element.self) else { return }
        let low = hasLow ? arguments.input(1, as: Element.self).pointee : low
        let high = hasHigh ? arguments.input(2, as: Element.self).pointee : high
        let input = arguments.input(0, as: Element.self)
        if let low = low as? Float, let high = high as? Float,
          let output = arguments.output(0, as: Float.self)
        {
          return vector.kernels.pointee.f32_clip(count, arguments.input(0), low, high, output)
        }
        for index in 0..<count {
          let raised = input[index] < low ? low : input[index]
          output[index] = raised > high ? high : raised
        }
      }
    }

    private func attribute<Element: NumericElement>(_ name: String) throws -> Element? {
      guard site.opset < 11, site.node.attributes[name] != nil else { return nil }
      return Element(saturating: Double(try site.float(name, default: 0)))
    }
  }
}
