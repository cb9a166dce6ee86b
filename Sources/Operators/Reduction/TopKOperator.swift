import GraphIR
import Kernels
import TensorCore

/// TopK: the k largest (smallest) values along an axis and their indices, best first, of equal ones the first.
///
/// k is an attribute (opset 7 to 9) or a constant input.
struct TopKOperator: Operator {
  let kinds: [OperatorKind] = ["TopK"]

  func traits(of kind: OperatorKind) -> OperatorTraits { .structured(.zero) }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let type = try site.input(0, of: DataType.numeric + DataType.halves)
    let axis = try site.axis(try site.int("axis", default: -1), rank: type.shape.rank)
    guard let k = try site.constantIntegers(1)?.first ?? site.int("k"), (0...type.shape[axis]).contains(k)
    else {
      throw site.attributeError("k", expected: "in 0...\(type.shape[axis])", found: "something else")
    }
    var dimensions = type.shape.dimensions
    dimensions[axis] = k
    let shape = try site.shape(dimensions)
    return [TensorType(type.dataType, shape), TensorType(.int64, shape)]
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    let shape = try site.input(0).shape
    let axis = try site.axis(try site.int("axis", default: -1), rank: shape.rank)
    let isLargest = try site.flag("largest", default: true)
    return try site.dispatch(
      0, Visitor(lines: AxisLines(shape: shape, axis: axis), k: outputs[0].shape[axis], isLargest: isLargest))
  }

  private struct Visitor: NumericVisitor {
    let lines: AxisLines
    let k: Int
    let isLargest: Bool

    func visit<Element: NumericElement>(_ type: Element.Type) -> OperatorBody {
      OperatorBody(scratchBytes: aligned(lines.count * MemoryLayout<Int>.stride)) {
        [lines, k, isLargest] arguments in
        guard lines.count > 0, k > 0 else { return }
        let input = arguments.input(0, as: Element.self)
        var order = UnsafeMutableBufferPointer<Int>(start: arguments.scratch(), count: lines.count)
        lines.forEach { line, start in
          for index in order.indices { order[index] = index }
          order.sort { a, b in
            let (x, y) = (input[start + a * lines.inner], input[start + b * lines.inner])
            return x == y ? a < b : isLargest ? x > y || (x != x && y == y) : x < y || (y != y && x == x)
          }
          let (block, place) = (line / lines.inner, line % lines.inner)
          for rank in 0..<k {
            let at = (block * k + rank) * lines.inner + place
            arguments.output(0, as: Element.self)?[at] = input[start + order[rank] * lines.inner]
            arguments.output(1, as: Int64.self)?[at] = Int64(order[rank])
          }
        }
      }
    }
  }
}
