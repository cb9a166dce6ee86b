import GraphIR
import Kernels
import TensorCore

/// GlobalAveragePool and GlobalMaxPool over all spatial axes.
struct GlobalPoolOperator: Operator {
  let kinds: [OperatorKind] = ["GlobalAveragePool", "GlobalMaxPool"]

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let type = try site.input(0, of: [.float32] + DataType.halves)
    guard type.shape.rank >= 2 else { throw site.inputError(0, expected: "of rank 2 or more") }
    let ones = [Int](repeating: 1, count: type.shape.rank - 2)
    return [TensorType(type.dataType, try site.shape(type.shape.dimensions.prefix(2) + ones))]
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    let rows = outputs[0].shape.count
    let count = try site.input(0).shape.dimensions.dropFirst(2).reduce(1, *)
    let kernels = table.vector.kernels.pointee
    let kernel = site.kind.type == "GlobalMaxPool" ? kernels.f32_max_rows : kernels.f32_mean_rows
    return OperatorBody { arguments in
      guard let output = arguments.output(0, as: Float.self) else { return }
      kernel(rows, count, arguments.input(0), output)
    }
  }
}
