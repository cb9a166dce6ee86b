import Glibc
import GraphIR
import Kernels
import TensorCore

/// Softmax and LogSoftmax. Up to opset 12 over everything from `axis` (default 1) on, from 13 along `axis` (default -1).
struct SoftmaxOperator: Operator {
  let kinds: [OperatorKind] = ["Softmax", "LogSoftmax"]

  func traits(of kind: OperatorKind) -> OperatorTraits {
    .rowwise(
      .softmax,
      kind.type == "LogSoftmax"
        ? .of { _, y, g in g - .exp(y) * .rowSum(g) } : .of { _, y, g in y * (g - .rowSum(g * y)) },
      nanoseconds: kind.type == "LogSoftmax" ? 1.5 : 1.2, promises: .inPlace)
  }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let type = try site.input(0, of: DataType.real)
    _ = try Self.lines(site, type.shape)
    return [type]
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    let lines = try Self.lines(site, outputs[0].shape)
    if outputs[0].dataType == .float64 { return Self.exact(lines, isLog: site.kind.type == "LogSoftmax") }
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

  /// In float64.
  private static func exact(_ lines: AxisLines, isLog: Bool) -> OperatorBody {
    OperatorBody { arguments in
      guard let output = arguments.output(0, as: Double.self) else { return }
      let input = arguments.input(0, as: Double.self)
      lines.forEach { _, start in
        var (peak, sum) = (-Double.infinity, 0.0)
        for place in 0..<lines.count { peak = max(peak, input[start + place * lines.inner]) }
        for place in 0..<lines.count { sum += exp(input[start + place * lines.inner] - peak) }
        for place in 0..<lines.count {
          let at = start + place * lines.inner
          output[at] = isLog ? input[at] - peak - log(sum) : exp(input[at] - peak) / sum
        }
      }
    }
  }

  static func lines(_ site: OperatorSite, _ shape: Shape) throws -> AxisLines {
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
