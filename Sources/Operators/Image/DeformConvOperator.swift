import GraphIR
import Kernels
import TensorCore

/// DeformConv: a convolution over two spatial axes whose window places are moved by offsets, and weighted by a mask, that come
/// as inputs (Dai et al. 2017, arXiv:1703.06211; Zhu et al. 2018, arXiv:1811.11168).
struct DeformConvOperator: Operator {
  let kinds: [OperatorKind] = ["DeformConv"]

  func traits(of kind: OperatorKind) -> OperatorTraits {
    .structured(.uncounted("it multiplies interpolated values"))
  }

  private static func plan(_ site: OperatorSite) throws -> (plan: ConvolutionPlan, offsetGroups: Int) {
    let plan = try ConvolutionPlan(site, weights: 1, bias: 3)
    guard plan.axes.count == 2 else { throw site.inputError(0, expected: "of rank 4") }
    let groups = try site.int("offset_group", default: 1)
    let channels = plan.groups * plan.inputsPerGroup
    guard groups >= 1, channels % groups == 0 else {
      throw site.attributeError("offset_group", expected: "a divisor of \(channels)", found: "\(groups)")
    }
    let places = try site.product(groups, plan.axes.kernelCount)
    let spatial = plan.axes.map(\.output)
    guard try site.input(2).shape.dimensions == [plan.images, 2 * places] + spatial else {
      throw site.inputError(2, expected: "of shape \([plan.images, 2 * places] + spatial)")
    }
    if let mask = site.optionalInput(4), mask.shape.dimensions != [plan.images, places] + spatial {
      throw site.inputError(4, expected: "of shape \([plan.images, places] + spatial)")
    }
    return (plan, groups)
  }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let type = try site.input(0, of: DataType.real).dataType
    for index in 1...4 where site.optionalInput(index) != nil { try site.input(index, of: [type]) }
    return [TensorType(type, try Self.plan(site).plan.output)]
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    try site.dispatchReal(0, Visitor(site: site))
  }

  private struct Visitor: RealVisitor {
    let site: OperatorSite

    func visit<Element: RealElement>(_ type: Element.Type) throws -> OperatorBody {
      let (plan, offsetGroups) = try DeformConvOperator.plan(site)
      let (high, wide) = (plan.axes[0], plan.axes[1])
      let (hasBias, hasMask) = (site.optionalInput(3) != nil, site.optionalInput(4) != nil)
      let channels = plan.groups * plan.inputsPerGroup
      let taps = high.kernel * wide.kernel
      let area = high.output * wide.output
      return OperatorBody { arguments in
        guard var output = arguments.output(0, as: Element.self) else { return }
        let (input, weights) = (arguments.input(0, as: Element.self), arguments.input(1, as: Element.self))
        let offsets = arguments.input(2, as: Element.self)
        for image in 0..<plan.images {
          for channel in 0..<plan.groups * plan.outputsPerGroup {
            let group = channel / plan.outputsPerGroup
            let bias = hasBias ? Double(arguments.input(3, as: Element.self)[channel]) : 0
            for place in 0..<area {
              var sum = bias
              for member in 0..<plan.inputsPerGroup {
                let from = group * plan.inputsPerGroup + member
                let shift = from / (channels / offsetGroups)
                let plane = input + (image * channels + from) * high.input * wide.input
                for tap in 0..<taps {
                  let at = ((image * offsetGroups + shift) * taps + tap)
                  let (down, across) = (
                    Double(offsets[at * 2 * area + place]), Double(offsets[(at * 2 + 1) * area + place])
                  )
                  let y = Double(high.index(place / wide.output, tap / wide.kernel)) + down
                  let x = Double(wide.index(place % wide.output, tap % wide.kernel)) + across
                  let weight = Double(
                    weights[(channel * plan.inputsPerGroup + member) * taps + tap])
                  let scale = hasMask ? Double(arguments.input(4, as: Element.self)[at * area + place]) : 1
                  sum += weight * scale * Self.between(plane, high.input, wide.input, y, x)
                }
              }
              output.pointee = Element(sum)
              output += 1
            }
          }
        }
      }
    }

    /// The value between four elements; those outside are zero.
    private static func between<Element: RealElement>(
      _ plane: UnsafePointer<Element>, _ height: Int, _ width: Int, _ y: Double, _ x: Double
    ) -> Double {
      guard y > -1, x > -1, y < Double(height), x < Double(width) else { return 0 }
      let (top, left) = (Int(y.rounded(.down)), Int(x.rounded(.down)))
      let (down, across) = (y - Double(top), x - Double(left))
      func at(_ row: Int, _ column: Int) -> Double {
        guard row >= 0, row < height, column >= 0, column < width else { return 0 }
        return Double(plane[row * width + column])
      }
      return (1 - down) * ((1 - across) * at(top, left) + across * at(top, left + 1))
        + down * ((1 - across) * at(top + 1, left) + across * at(top + 1, left + 1))
    }
  }
}
