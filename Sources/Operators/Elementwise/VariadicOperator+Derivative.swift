import GraphIR

extension VariadicOperator {
  /// Of a sum, what comes from above; of a mean, its share; of an extreme, a share of it where the operand is the extreme.
  static func gradient(_ site: OperatorSite, _ place: Int) -> DerivativeExpression {
    let (y, g) = (DerivativeExpression.output, DerivativeExpression.upstream)
    switch site.kind.type {
    case "Sum": return g
    case "Mean": return g / .number(Double(site.inputs.count))
    default:
      if site.inputs.count == 1 { return g }
      let isExtreme = site.inputs.indices.map {
        DerivativeExpression.select(.equal(.input($0), y), 1, 0)
      }
      return g * isExtreme[place] / isExtreme.dropFirst().reduce(isExtreme[0], +)
    }
  }
}
