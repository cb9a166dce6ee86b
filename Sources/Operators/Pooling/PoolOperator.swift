import Glibc
import GraphIR
import Kernels
import TensorCore

/// MaxPool, AveragePool and LpPool over one to three spatial axes, NCHW, with dilations, ceil_mode and every kind of
/// padding.
///
/// MaxPool takes all numeric types; its second output are the places of the maxima in the whole input, row- or (with
/// `storage_order` 1) column-major. A window wholly in padding gives the type's lowest value. An average over no place is 0.
struct PoolOperator: Operator {
  let kinds: [OperatorKind] = ["MaxPool", "AveragePool", "LpPool"]

  func traits(of kind: OperatorKind) -> OperatorTraits {
    .rowwise(
      .spatial, .declined("no rule: its windows overlap"), result: .windows,
      promises: kind == "MaxPool" ? [.homogeneous, .picks] : .homogeneous)
  }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let isMax = site.kind.type == "MaxPool"
    let type = try site.input(0, of: isMax ? DataType.numeric + DataType.halves : DataType.real)
    try site.expectOutputs(atMost: isMax ? 2 : 1)
    let axes = try axes(site, type.shape)
    let shape = try site.shape(type.shape.dimensions.prefix(2) + axes.map(\.output))
    return isMax
      ? [TensorType(type.dataType, shape), TensorType(.int64, shape)] : [TensorType(type.dataType, shape)]
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    let shape = try site.input(0).shape
    let axes = try axes(site, shape)
    let plan = PoolPlan(planes: shape[0] * shape[1], axes: axes)
    switch site.kind.type {
    case "MaxPool":
      guard outputs.count > 1 else { return try site.dispatch(0, MaxVisitor(plan: plan)) }
      let isColumnMajor = try site.int("storage_order", default: 0) == 1
      return try site.dispatch(0, IndexVisitor(plan: plan, axes: axes, isColumnMajor: isColumnMajor))
    case "LpPool":
      return try site.dispatchReal(0, NormVisitor(plan: plan, p: try LpNorm.exponent(site)))
    default:
      return try site.dispatchReal(
        0, AverageVisitor(plan: plan, countsPadding: try site.flag("count_include_pad")))
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

  private struct AverageVisitor: RealVisitor {
    let plan: PoolPlan
    let countsPadding: Bool

    func visit<Element: RealElement>(_ type: Element.Type) -> OperatorBody {
      OperatorBody { [plan, countsPadding] arguments in
        guard let output = arguments.output(0, as: Element.self) else { return }
        plan.forEachWindow(arguments.input(0, as: Element.self)) { place, window in
          var sum: Element = 0
          var count = 0
          window.forEachRun { start, length, step in
            for index in 0..<length { sum += start[index * step] }
            count += length
          }
          if countsPadding { count = count == 0 ? 0 : window.paddedCount }
          output[place] = count == 0 ? 0 : sum / Element(count)
        }
      }
    }
  }

  private struct NormVisitor: RealVisitor {
    let plan: PoolPlan
    let p: Double

    func visit<Element: RealElement>(_ type: Element.Type) -> OperatorBody {
      OperatorBody { [plan, p] arguments in
        guard let output = arguments.output(0, as: Element.self) else { return }
        plan.forEachWindow(arguments.input(0, as: Element.self)) { place, window in
          var sum = 0.0
          window.forEachRun { start, length, step in
            for index in 0..<length { sum += LpNorm.power(Double(start[index * step]), p) }
          }
          output[place] = Element(pow(sum, 1 / p))
        }
      }
    }
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

  private struct IndexVisitor: NumericVisitor {
    let plan: PoolPlan
    let axes: [SpatialAxis]
    let isColumnMajor: Bool

    func visit<Element: NumericElement>(_ type: Element.Type) -> OperatorBody {
      OperatorBody { [plan, axes, isColumnMajor] arguments in
        let (values, indices) = (arguments.output(0, as: Element.self), arguments.output(1, as: Int64.self))
        let input = arguments.input(0, as: Element.self)
        plan.forEachWindow(input) { place, window in
          var best = Element.lowest
          var found = window.plane - input
          var isFirst = true
          window.forEachRun { start, length, step in
            for index in 0..<length {
              let value = start[index * step]
              if isFirst || value > best || (value != value && best == best) {
                best = value
                found = start + index * step - input
                isFirst = false
              }
            }
          }
          values?[place] = best
          indices?[place] = Int64(isColumnMajor ? Self.columnMajor(found, axes) : found)
        }
      }
    }

    /// The same place counted with the first spatial axis running fastest.
    private static func columnMajor(_ place: Int, _ axes: [SpatialAxis]) -> Int {
      let size = axes.inputCount
      var (rest, coordinates) = (place % size, [Int]())
      for axis in axes.reversed() {
        coordinates.insert(rest % axis.input, at: 0)
        rest /= axis.input
      }
      var (result, step) = (0, 1)
      for (axis, coordinate) in zip(axes, coordinates) {
        result += coordinate * step
        step *= axis.input
      }
      return place / size * size + result
    }
  }
}

/// The p-norm: (sum of |x|^p)^(1/p).
enum LpNorm {
  static func exponent(_ site: OperatorSite) throws -> Double {
    let p = try site.int("p", default: 2)
    guard p >= 1 else { throw site.attributeError("p", expected: "at least 1", found: "\(p)") }
    return Double(p)
  }

  @inline(__always)
  static func power(_ value: Double, _ p: Double) -> Double {
    p == 2 ? value * value : p == 1 ? Swift.abs(value) : pow(Swift.abs(value), p)
  }
}
