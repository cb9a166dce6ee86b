import GraphIR
import Kernels
import TensorCore

/// Trilu: the upper (default) or lower triangle of each matrix, the rest zero; k, an optional input, moves the diagonal.
struct TriluOperator: Operator {
  let kinds: [OperatorKind] = ["Trilu"]

  func traits(of kind: OperatorKind) -> OperatorTraits { .structured(.zero) }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let type = try site.input(0)
    guard type.shape.rank >= 2 else { throw site.inputError(0, expected: "of rank 2 or more") }
    if let k = site.optionalInput(1), k.dataType != .int64 || k.shape.count != 1 {
      throw site.inputError(1, expected: "one int64")
    }
    return [type]
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    let shape = outputs[0].shape
    let (rows, columns) = (shape[shape.rank - 2], shape[shape.rank - 1])
    let count = shape.dimensions.dropLast(1).reduce(1, *)
    let width = outputs[0].dataType.byteCount
    let isUpper = try site.flag("upper", default: true)
    let hasShift = site.optionalInput(1) != nil
    return OperatorBody { arguments in
      guard let output = arguments.outputs[0] else { return }
      let input = arguments.input(0, as: UInt8.self)
      let given = hasShift ? Int(arguments.input(1, as: Int64.self).pointee) : 0
      let shift = min(max(given, -rows), columns)
      for line in 0..<count {
        // Columns from the diagonal on are kept (upper), or those up to and with it (lower).
        let diagonal = line % rows + shift
        let first = isUpper ? min(max(diagonal, 0), columns) : 0
        let end = isUpper ? columns : min(max(diagonal + 1, 0), columns)
        let target = output + line * columns * width
        target.initializeMemory(as: UInt8.self, repeating: 0, count: columns * width)
        (target + first * width).copyMemory(
          from: input + (line * columns + first) * width, byteCount: (end - first) * width)
      }
    }
  }
}
