import Glibc
import GraphIR
import Kernels
import TensorCore

/// GlobalAveragePool, GlobalMaxPool and GlobalLpPool over all spatial axes.
struct GlobalPoolOperator: Operator {
  let kinds: [OperatorKind] = ["GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool"]

  func traits(of kind: OperatorKind) -> OperatorTraits {
    let derivative: Derivative =
      switch kind.type {
      case "GlobalAveragePool": .of { _, _, g in g / .rowLength }
      case "GlobalMaxPool": .of(ReduceOperator.extreme)
      default: .declined("no rule")
      }
    return .rowwise(.spatial, derivative, result: .reduced, promises: .homogeneous)
  }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let type = try site.input(0, of: DataType.real)
    guard type.shape.rank >= 2 else { throw site.inputError(0, expected: "of rank 2 or more") }
    let ones = [Int](repeating: 1, count: type.shape.rank - 2)
    return [TensorType(type.dataType, try site.shape(type.shape.dimensions.prefix(2) + ones))]
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    let rows = outputs[0].shape.count
    let count = try site.input(0).shape.dimensions.dropFirst(2).reduce(1, *)
    let kernels = table.vector.kernels.pointee
    guard outputs[0].dataType == .float32, site.kind.type != "GlobalLpPool" else {
      let isLp = site.kind.type == "GlobalLpPool"
      return try site.dispatchReal(
        0,
        Visitor(type: site.kind.type, rows: rows, count: count, p: isLp ? try LpNorm.exponent(site) : 0))
    }
    let kernel = site.kind.type == "GlobalMaxPool" ? kernels.f32_max_rows : kernels.f32_mean_rows
    return OperatorBody { arguments in
      guard let output = arguments.output(0, as: Float.self) else { return }
      kernel(rows, count, arguments.input(0), output)
    }
  }

  private struct Visitor: RealVisitor {
    let type: String
    let rows: Int
    let count: Int
    let p: Double

    func visit<Element: RealElement>(_: Element.Type) -> OperatorBody {
      let larger = Element.pair(.max)
      return OperatorBody { [type, rows, count, p] arguments in
        guard let output = arguments.output(0, as: Element.self) else { return }
        for row in 0..<rows {
          let line = UnsafeBufferPointer(
            start: arguments.input(0, as: Element.self) + row * count, count: count)
          switch type {
          case "GlobalMaxPool": output[row] = line.reduce(-.infinity, larger)
          case "GlobalLpPool":
            output[row] = Element(pow(line.reduce(0.0) { $0 + LpNorm.power(Double($1), p) }, 1 / p))
          default: output[row] = Element(line.reduce(0.0) { $0 + Double($1) } / Double(count))
          }
        }
      }
    }
  }
}
