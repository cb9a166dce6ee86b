import GraphIR
import Kernels
import TensorCore

/// MaxPool and AveragePool over one to three spatial axes, NCHW, with dilations, ceil_mode and every kind of padding.
///
/// MaxPool takes all numeric types and gives no indices; a window wholly in padding gives the type's lowest value. An
/// average over no place is 0.
struct PoolOperator: Operator {
  let kinds: [OperatorKind] = ["MaxPool", "AveragePool"]

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let isMax = site.kind.type == "MaxPool"
    let type = try site.input(0, of: (isMax ? DataType.numeric : [.float32]) + DataType.halves)
    try site.expectOutputs(atMost: 1)
    let axes = try axes(site, type.shape)
    return [TensorType(type.dataType, try site.shape(type.shape.dimensions.prefix(2) + axes.map(\.output)))]
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    let shape = try site.input(0).shape
    let plan = PoolPlan(planes: shape[0] * shape[1], axes: try axes(site, shape))
    if site.kind.type == "MaxPool" { return try site.dispatch(0, MaxVisitor(plan: plan)) }
    let countsPadding = try site.flag("count_include_pad")
    return OperatorBody { arguments in
      guard let output = arguments.output(0, as: Float.self) else { return }
      plan.forEachWindow(arguments.input(0, as: Float.self)) { place, window in
        var sum: Float = 0
        var count = 0
        window.forEachRun { start, length, step in
          for index in 0..<length { sum += start[index * step] }
          count += length
        }
        if countsPadding { count = count == 0 ? 0 : window.paddedCount }
        output[place] = count == 0 ? 0 : sum / Float(count)
      }
    }
  }

  private func axes(_ site: OperatorSite, _ shape: Shape) throws -> [SpatialAxis] {
    guard (3...5).contains(shape.rank) else { throw site.inputError(0, expected: "of rank 3, 4 or 5") }
    guard let kernel = try site.ints("kernel_shape") else {
      throw site.attributeError("kernel_shape", expected: "given", found: "absent")
    }
    return try site.window(
      over: Array(shape.dimensions.dropFirst(2)), kernel: kernel,
      rounding: try site.flag("ceil_mode") ? .up : .down)
  }

  private struct MaxVisitor: NumericVisitor {
    let plan: PoolPlan

    func visit<Element: NumericElement>(_ type: Element.Type) -> OperatorBody {
      OperatorBody { [plan] arguments in
        guard let output = arguments.output(0, as: Element.self) else { return }
        plan.forEachWindow(arguments.input(0, as: Element.self)) { place, window in
          var best = Element.lowest
          window.forEachRun { start, length, step in
            for index in 0..<length {
              let value = start[index * step]
              if value > best || value != value { best = value }
            }
          }
          output[place] = best
        }
      }
    }
  }
}
