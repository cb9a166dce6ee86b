import GraphIR
import Kernels
import TensorCore

/// Softmax and LogSoftmax. Up to opset 12 over everything from `axis` (default 1) on, from 13 along `axis` (default -1).
struct SoftmaxOperator: Operator {
  let kinds: [OperatorKind] = ["Softmax", "LogSoftmax"]
  let traits: OperatorTraits = .inPlace

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let type = try site.input(0, of: [.float32] + DataType.halves)
    _ = try lines(site, type.shape)
    return [type]
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    let lines = try lines(site, outputs[0].shape)
    let vector = table.vector
    let kernel =
      site.kind.type == "Softmax"
      ? vector.kernels.pointee.f32_softmax_rows : vector.kernels.pointee.f32_log_softmax_rows
    if lines.inner == 1 {
      return OperatorBody { arguments in
        guard let output = arguments.output(0, as: Float.self) else { return }
        kernel(lines.outer, lines.count, arguments.input(0), output)
      }
    }
    // Lines that are not dense are turned into rows and back, one block at a time.
    let block = lines.count * lines.inner
    return OperatorBody(scratchBytes: aligned(block * 4)) { arguments in
      guard let output = arguments.output(0, as: Float.self) else { return }
      let (input, rows) = (arguments.input(0, as: Float.self), arguments.scratch(as: Float.self))
      for index in 0..<lines.outer {
        vector.kernels.pointee.f32_transpose(1, lines.count, lines.inner, input + index * block, rows)
        kernel(lines.inner, lines.count, rows, rows)
        vector.kernels.pointee.f32_transpose(1, lines.inner, lines.count, rows, output + index * block)
      }
    }
  }

  private func lines(_ site: OperatorSite, _ shape: Shape) throws -> AxisLines {
    let along = site.opset >= 13
    // A scalar has no axis; it is one row of one.
    if shape.rank == 0 { return AxisLines(shape: [1], axis: 0) }
    let given = try site.int("axis", default: along ? -1 : 1)
    if !along, given == shape.rank { return AxisLines(shape: try site.shape([shape.count, 1]), axis: 1) }
    let axis = try site.axis(given, rank: shape.rank)
    if along { return AxisLines(shape: shape, axis: axis) }
    let (outer, inner) = (shape.dimensions[..<axis].reduce(1, *), shape.dimensions[axis...].reduce(1, *))
    return AxisLines(shape: try site.shape([outer, inner]), axis: 1)
  }
}
