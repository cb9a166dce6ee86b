import GraphIR
import Kernels
import TensorCore

/// ArgMax and ArgMin along an axis; of equal values the first wins, or the last where `select_last_index` is set.
struct ArgExtremeOperator: Operator {
  let kinds: [OperatorKind] = ["ArgMax", "ArgMin"]

  func traits(of kind: OperatorKind) -> OperatorTraits {
    .rowwise(.axis(default: 0), .declined("its output is indices"), result: .reduced)
  }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let type = try site.input(0, of: DataType.numeric + DataType.halves)
    let axis = try site.axis(try site.int("axis", default: 0), rank: type.shape.rank)
    guard type.shape[axis] > 0 else { throw site.inputError(0, expected: "not empty along axis \(axis)") }
    var dimensions = type.shape.dimensions
    if try site.flag("keepdims", default: true) { dimensions[axis] = 1 } else { dimensions.remove(at: axis) }
    return [TensorType(.int64, try site.shape(dimensions))]
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    let type = try site.input(0)
    let axis = try site.axis(try site.int("axis", default: 0), rank: type.shape.rank)
    let lines = AxisLines(shape: type.shape, axis: axis)
    let takesLast = try site.flag("select_last_index")
    if type.dataType == .float32, lines.inner == 1, site.kind.type == "ArgMax", !takesLast {
      let vector = table.vector
      return OperatorBody { arguments in
        guard let output = arguments.output(0, as: Int64.self) else { return }
        vector.kernels.pointee.f32_argmax_rows(lines.outer, lines.count, arguments.input(0), output)
      }
    }
    return try site.dispatch(
      0, Visitor(lines: lines, isMax: site.kind.type == "ArgMax", takesLast: takesLast))
  }

  private struct Visitor: NumericVisitor {
    let lines: AxisLines
    let isMax: Bool
    let takesLast: Bool

    func visit<Element: NumericElement>(_ type: Element.Type) -> OperatorBody {
      OperatorBody { [lines, isMax, takesLast] arguments in
        guard let output = arguments.output(0, as: Int64.self) else { return }
        let input = arguments.input(0, as: Element.self)
        lines.forEach { place, start in
          var best = 0
          for index in 1..<max(lines.count, 1) {
            let (value, held) = (input[start + index * lines.inner], input[start + best * lines.inner])
            let wins = isMax ? value > held : value < held
            // NaN differs from itself: the first one stays.
            if (wins && held == held) || (value != value && held == held) || (takesLast && value == held) {
              best = index
            }
          }
          output[place] = Int64(best)
        }
      }
    }
  }
}
