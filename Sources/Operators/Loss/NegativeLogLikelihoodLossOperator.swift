import Glibc
import GraphIR
import Kernels
import TensorCore

/// NegativeLogLikelihoodLoss over log probabilities [N, C, ...], and SoftmaxCrossEntropyLoss over scores, whose second
/// output are the log probabilities. Targets are class numbers [N, ...]; those equal to `ignore_index` do not count.
///
/// The mean is divided by the weights that took part.
struct NegativeLogLikelihoodLossOperator: Operator {
  let kinds: [OperatorKind] = ["NegativeLogLikelihoodLoss", "SoftmaxCrossEntropyLoss"]

  func traits(of kind: OperatorKind) -> OperatorTraits { .structured(.zero) }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let type = try site.input(0, of: DataType.real)
    guard type.shape.rank >= 2 else { throw site.inputError(0, expected: "of rank 2 or more") }
    let places = [type.shape[0]] + type.shape.dimensions.dropFirst(2)
    guard try site.input(1, of: [.int32, .int64]).shape.dimensions == places else {
      throw site.inputError(1, expected: "of shape \(places)")
    }
    if site.optionalInput(2) != nil {
      guard try site.input(2, of: [type.dataType]).shape.dimensions == [type.shape[1]] else {
        throw site.inputError(2, expected: "of shape [\(type.shape[1])]")
      }
    }
    let loss = TensorType(type.dataType, try site.shape(try reduction(site) == .none ? places : []))
    return site.kind.type == "SoftmaxCrossEntropyLoss" ? [loss, type] : [loss]
  }

  private enum Reduction: String { case none, mean, sum }

  private func reduction(_ site: OperatorSite) throws -> Reduction {
    Reduction(
      rawValue: try site.string("reduction", default: "mean", choices: ["none", "mean", "sum"])) ?? .mean
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    let visitor = Visitor(
      site: site, reduction: try reduction(site), takesSoftmax: site.kind.type == "SoftmaxCrossEntropyLoss",
      hasProbabilities: outputs.count > 1)
    return try site.dispatchReal(0, visitor)
  }

  private struct Visitor: RealVisitor {
    let site: OperatorSite
    let reduction: Reduction
    let takesSoftmax: Bool
    let hasProbabilities: Bool

    func visit<Element: RealElement>(_ type: Element.Type) throws -> OperatorBody {
      let shape = try site.input(0).shape
      let lines = AxisLines(shape: shape, axis: 1)
      let ignored = try site.int("ignore_index")
      let hasWeights = site.optionalInput(2) != nil
      let isLong = try site.input(1).dataType == .int64
      let (kind, name) = (site.kind, site.node.name)
      return OperatorBody { [reduction, takesSoftmax, hasProbabilities] arguments in
        let input = arguments.input(0, as: Element.self)
        let output = arguments.output(0, as: Element.self)
        let probabilities = hasProbabilities ? arguments.output(1, as: Element.self) : nil
        var (sum, weightSum) = (0.0, 0.0)
        try lines.forEach { line, start in
          var shift = 0.0
          if takesSoftmax {
            var peak = -Double.infinity
            for place in 0..<lines.count { peak = max(peak, Double(input[start + place * lines.inner])) }
            var total = 0.0
            for place in 0..<lines.count { total += exp(Double(input[start + place * lines.inner]) - peak) }
            shift = peak + log(total)
            if let probabilities {
              for place in 0..<lines.count {
                let at = start + place * lines.inner
                probabilities[at] = Element(Double(input[at]) - shift)
              }
            }
          }
          let target =
            isLong
            ? Int(arguments.input(1, as: Int64.self)[line]) : Int(arguments.input(1, as: Int32.self)[line])
          if target == ignored {
            if reduction == .none { output?[line] = 0 }
            return
          }
          guard (0..<lines.count).contains(target) else {
            throw OperatorError.index(kind: kind, node: name, found: target, limit: lines.count)
          }
          let weight = hasWeights ? Double(arguments.input(2, as: Element.self)[target]) : 1
          let loss = -(Double(input[start + target * lines.inner]) - shift) * weight
          if reduction == .none { output?[line] = Element(loss) }
          sum += loss
          weightSum += weight
        }
        switch reduction {
        case .none: break
        case .sum: output?[0] = Element(sum)
        case .mean: output?[0] = Element(sum / weightSum)
        }
      }
    }
  }
}
