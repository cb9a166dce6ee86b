import GraphIR
import Kernels
import TensorCore

/// Hardmax: 1 at the first largest value along an axis, 0 elsewhere. Up to opset 12 over everything from `axis` on.
struct HardmaxOperator: Operator {
  let kinds: [OperatorKind] = ["Hardmax"]

  func traits(of kind: OperatorKind) -> OperatorTraits {
    .rowwise(.softmax, .declined("a step: nothing changes but at single points"))
  }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let type = try site.input(0, of: DataType.real)
    _ = try SoftmaxOperator.lines(site, type.shape)
    return [type]
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    try site.dispatchReal(
      0, Visitor(lines: try SoftmaxOperator.lines(site, outputs[0].shape), count: outputs[0].shape.count))
  }

  private struct Visitor: RealVisitor {
    let lines: AxisLines
    let count: Int

    func visit<Element: RealElement>(_ type: Element.Type) -> OperatorBody {
      OperatorBody { [lines, count] arguments in
        guard let output = arguments.output(0, as: Element.self) else { return }
        let input = arguments.input(0, as: Element.self)
        output.update(repeating: 0, count: count)
        guard lines.count > 0 else { return }
        lines.forEach { _, start in
          var best = 0
          for place in 1..<max(lines.count, 1)
          where input[start + place * lines.inner] > input[start + best * lines.inner] {
            best = place
          }
          output[start + best * lines.inner] = 1
        }
      }
    }
  }
}

/// LpNormalization: every line along an axis divided by its 1- or 2-norm; a line of zeros stays.
struct LpNormalizationOperator: Operator {
  let kinds: [OperatorKind] = ["LpNormalization"]

  func traits(of kind: OperatorKind) -> OperatorTraits {
    .rowwise(.axis(default: -1), .declined("no rule"), promises: .inPlace)
  }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let type = try site.input(0, of: DataType.real)
    _ = try site.axis(try site.int("axis", default: -1), rank: type.shape.rank)
    let p = try site.int("p", default: 2)
    guard p == 1 || p == 2 else { throw site.attributeError("p", expected: "1 or 2", found: "\(p)") }
    return [type]
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    let axis = try site.axis(try site.int("axis", default: -1), rank: outputs[0].shape.rank)
    return try site.dispatchReal(
      0,
      Visitor(lines: AxisLines(shape: outputs[0].shape, axis: axis), p: try site.int("p", default: 2)))
  }

  private struct Visitor: RealVisitor {
    let lines: AxisLines
    let p: Int

    func visit<Element: RealElement>(_ type: Element.Type) -> OperatorBody {
      OperatorBody { [lines, p] arguments in
        guard let output = arguments.output(0, as: Element.self) else { return }
        let input = arguments.input(0, as: Element.self)
        lines.forEach { _, start in
          var sum = 0.0
          for place in 0..<lines.count {
            let value = Double(input[start + place * lines.inner])
            sum += p == 1 ? Swift.abs(value) : value * value
          }
          let norm = p == 1 ? sum : sum.squareRoot()
          for place in 0..<lines.count {
            let at = start + place * lines.inner
            output[at] = norm == 0 ? 0 : Element(Double(input[at]) / norm)
          }
        }
      }
    }
  }
}

/// MeanVarianceNormalization: (x - mean) / sqrt(variance + 1e-9) over some axes, by default all but the channels.
struct MeanVarianceNormalizationOperator: Operator {
  let kinds: [OperatorKind] = ["MeanVarianceNormalization"]

  func traits(of kind: OperatorKind) -> OperatorTraits {
    .rowwise(.listed(default: [0, 2, 3]), .declined("no rule"))
  }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let type = try site.input(0, of: DataType.real)
    _ = try axes(site, type.shape)
    return [type]
  }

  private func axes(_ site: OperatorSite, _ shape: Shape) throws -> [Int] {
    try site.axes(try site.ints("axes") ?? [0, 2, 3], rank: shape.rank)
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    let layout = ReductionLayout(shape: outputs[0].shape, axes: try axes(site, outputs[0].shape))
    return try site.dispatchReal(0, Visitor(layout: layout))
  }

  private struct Visitor: RealVisitor {
    let layout: ReductionLayout

    func visit<Element: RealElement>(_ type: Element.Type) -> OperatorBody {
      OperatorBody { [layout] arguments in
        guard let output = arguments.output(0, as: Element.self) else { return }
        let input = arguments.input(0, as: Element.self)
        layout.forEachKept { _, offset in
          var (sum, squares) = (0.0, 0.0)
          layout.forEachReduced(from: offset) { sum += Double(input[$0]) }
          let mean = sum / Double(layout.reducedCount)
          layout.forEachReduced(from: offset) {
            let distance = Double(input[$0]) - mean
            squares += distance * distance
          }
          let deviation = (squares / Double(layout.reducedCount) + 1e-9).squareRoot()
          layout.forEachReduced(from: offset) { output[$0] = Element((Double(input[$0]) - mean) / deviation) }
        }
      }
    }
  }
}
