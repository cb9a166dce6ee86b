import Glibc
import GraphIR
import Kernels
import TensorCore

/// The Reduce family: sums and the like over some axes.
///
/// Axes are an attribute, or from opset 13 (ReduceSum) and 18 (the rest) on a constant input; none means all, unless
/// `noop_with_empty_axes` says none. Sums run in float64 or 64-bit integers. Empty: 0 for sums, 1 for ReduceProd, the
/// type's lowest (highest) value for ReduceMax (ReduceMin), NaN for ReduceMean of floating point.
struct ReduceOperator: Operator {
  let kinds: [OperatorKind] = [
    "ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2",
    "ReduceSumSquare", "ReduceLogSum", "ReduceLogSumExp",
  ]

  func traits(of kind: OperatorKind) -> OperatorTraits {
    .rowwise(.listed(), Self.derivative(of: kind), result: .reduced)
  }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let isExtreme = site.kind == "ReduceMax" || site.kind == "ReduceMin"
    let type = try site.input(0, of: DataType.numeric + DataType.halves + (isExtreme ? [.bool] : []))
    let axes = try axes(site, rank: type.shape.rank)
    let keeps = try site.flag("keepdims", default: true)
    let dimensions = type.shape.dimensions.enumerated().compactMap { axis, dimension in
      axes.contains(axis) ? (keeps ? 1 : nil) : dimension
    }
    return [TensorType(type.dataType, try site.shape(dimensions))]
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    let type = try site.input(0)
    let axes = try axes(site, rank: type.shape.rank)
    let layout = ReductionLayout(shape: type.shape, axes: axes)
    if type.dataType == .float32, layout.isTrailing {
      let kernels = table.vector.kernels.pointee
      let kernel: (@convention(c) (Int, Int, UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void)? =
        switch site.kind.type {
        case "ReduceSum": kernels.f32_sum_rows
        case "ReduceMean" where layout.reducedCount > 0: kernels.f32_mean_rows
        case "ReduceMax": kernels.f32_max_rows
        default: nil
        }
      if let kernel {
        return OperatorBody { arguments in
          guard let output = arguments.output(0, as: Float.self) else { return }
          kernel(layout.keptCount, layout.reducedCount, arguments.input(0), output)
        }
      }
    }
    if type.dataType == .bool {
      // Of no Booleans the largest is false, the smallest true.
      let isMax = site.kind == "ReduceMax"
      return OperatorBody { arguments in
        guard let output = arguments.output(0, as: Bool.self) else { return }
        let input = arguments.input(0, as: UInt8.self)
        layout.forEachKept { place, offset in
          var result = !isMax
          layout.forEachReduced(from: offset) { if (input[$0] != 0) == isMax { result = isMax } }
          output[place] = result
        }
      }
    }
    return try site.dispatch(0, Visitor(type: site.kind.type, layout: layout))
  }

  private func axes(_ site: OperatorSite, rank: Int) throws -> [Int] {
    let listed = try site.constantIntegers(1) ?? site.ints("axes") ?? []
    if listed.isEmpty { return try site.flag("noop_with_empty_axes") ? [] : Array(0..<rank) }
    return try site.axes(listed, rank: rank)
  }

  private struct Visitor: NumericVisitor {
    let type: String
    let layout: ReductionLayout

    func visit<Element: NumericElement>(_: Element.Type) -> OperatorBody {
      switch type {
      case "ReduceMax":
        return fold(Element.lowest, Element.pair(.max), { $0 })
      case "ReduceMin":
        return fold(Element.highest, Element.pair(.min), { $0 })
      case "ReduceSum":
        return fold(
          Element.Accumulator.zero, { $0.adding($1.wide) },
          { (sum: Element.Accumulator) in Element(narrowing: sum) })
      case "ReduceProd":
        return fold(
          Element.Accumulator.one, { $0.multiplying($1.wide) },
          { (product: Element.Accumulator) in Element(narrowing: product) })
      case "ReduceMean":
        let count = Double(layout.reducedCount)
        return fold(0.0, { $0 + $1.double }, { Element(saturating: $0 / count) })
      case "ReduceL1":
        return fold(0.0, { $0 + Swift.abs($1.double) }, { Element(saturating: $0) })
      case "ReduceL2":
        return fold(0.0, { $0 + $1.double * $1.double }, { Element(saturating: $0.squareRoot()) })
      case "ReduceSumSquare":
        return fold(0.0, { $0 + $1.double * $1.double }, { Element(saturating: $0) })
      case "ReduceLogSum":
        return fold(0.0, { $0 + $1.double }, { Element(saturating: log($0)) })
      default:
        return logSumExp(Element.self)
      }
    }

    private func fold<Element: NumericElement, State: Sendable>(
      _ start: State, _ step: @escaping @Sendable (State, Element) -> State,
      _ finish: @escaping @Sendable (State) -> Element
    ) -> OperatorBody {
      OperatorBody { [layout] arguments in
        guard let output = arguments.output(0, as: Element.self) else { return }
        let input = arguments.input(0, as: Element.self)
        layout.forEachKept { place, offset in
          var state = start
          layout.forEachReduced(from: offset) { state = step(state, input[$0]) }
          output[place] = finish(state)
        }
      }
    }

    /// The largest value is taken out first, so that no exponential overflows.
    private func logSumExp<Element: NumericElement>(_ type: Element.Type) -> OperatorBody {
      let larger = Double.pair(.max)
      return OperatorBody { [layout] arguments in
        guard let output = arguments.output(0, as: Element.self) else { return }
        let input = arguments.input(0, as: Element.self)
        layout.forEachKept { place, offset in
          var peak = -Double.infinity
          layout.forEachReduced(from: offset) { peak = larger(peak, input[$0].double) }
          let shift = peak.isFinite ? peak : 0
          var sum = 0.0
          layout.forEachReduced(from: offset) { sum += exp(input[$0].double - shift) }
          output[place] = Element(saturating: log(sum) + shift)
        }
      }
    }
  }
}
