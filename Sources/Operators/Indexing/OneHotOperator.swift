import GraphIR
import Kernels
import TensorCore

/// OneHot: a new axis of constant length `depth` that holds the "on" value at each index, "off" elsewhere; an index out
/// of range is "off" everywhere.
struct OneHotOperator: Operator {
  let kinds: [OperatorKind] = ["OneHot"]

  func traits(of kind: OperatorKind) -> OperatorTraits { .opaque("it reads indices") }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let indices = try site.input(0, of: DataType.numeric).shape
    let values = try site.input(2)
    guard values.shape.count == 2 else { throw site.inputError(2, expected: "two values, off and on") }
    let depth = try site.requiredConstant(1)
    guard depth.count == 1, depth.integers[0] >= 1 else {
      throw site.inputError(1, expected: "one positive number")
    }
    let axis = try site.axis(try site.int("axis", default: -1), rank: indices.rank + 1)
    var dimensions = indices.dimensions
    dimensions.insert(depth.integers[0], at: axis)
    return [TensorType(values.dataType, try site.shape(dimensions))]
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    let shape = outputs[0].shape
    let axis = try site.axis(try site.int("axis", default: -1), rank: shape.rank)
    let lines = AxisLines(shape: shape, axis: axis)
    let width = outputs[0].dataType.byteCount
    return try site.dispatch(0, Visitor(lines: lines, width: width))
  }

  private struct Visitor: NumericVisitor {
    let lines: AxisLines
    let width: Int

    func visit<Element: NumericElement>(_ type: Element.Type) -> OperatorBody {
      OperatorBody { [lines, width] arguments in
        guard let output = arguments.outputs[0] else { return }
        let (indices, values) = (arguments.input(0, as: Element.self), arguments.input(2, as: UInt8.self))
        lines.forEach { line, start in
          let value = Int64(saturating: indices[line].double)
          let index = value < 0 ? value + Int64(lines.count) : value
          for place in 0..<lines.count {
            let source = values + (Int64(place) == index ? width : 0)
            (output + (start + place * lines.inner) * width).copyMemory(from: source, byteCount: width)
          }
        }
      }
    }
  }
}
