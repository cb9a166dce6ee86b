import GraphIR

extension LayerNormalizationOperator {
  /// Ba, Kiros and Hinton 2016, arXiv:1607.06450: with v = (x - mean) / deviation and u = g scale, the gradient of x is
  /// (u - mean(u) - v mean(u v)) / deviation, without the means of x and u where it does not centre.
  static func gradient(_ site: OperatorSite, _ place: Int) throws -> DerivativeExpression? {
    if place == 2 { return .upstream }
    let isCentred = site.kind.type == "LayerNormalization"
    func mean(_ value: DerivativeExpression) -> DerivativeExpression { .rowSum(value) / .rowLength }
    let x = DerivativeExpression.input(0)
    let distance = isCentred ? x - mean(x) : x
    let epsilon = DerivativeExpression.number(Double(try site.float("epsilon", default: 1e-5)))
    let deviation = DerivativeExpression.sqrt(mean(distance * distance) + epsilon)
    let normal = distance / deviation
    if place == 1 { return .upstream * normal }
    let scaled = DerivativeExpression.upstream * .input(1)
    let shared = isCentred ? scaled - mean(scaled) : scaled
    return (shared - normal * mean(scaled * normal)) / deviation
  }
}
