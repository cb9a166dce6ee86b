import GraphIR

extension PairwiseOperator {
  /// Of the operands a (place 0) and b.
  static func derivative(of kind: OperatorKind) -> Derivative {
    let (a, b) = (DerivativeExpression.input(0), DerivativeExpression.input(1))
    let (y, g) = (DerivativeExpression.output, DerivativeExpression.upstream)
    return switch kind.type {
    case "Add": .given { _, _ in g }
    case "Sub": .given { _, place in place == 0 ? g : -g }
    case "Mul": .given { _, place in g * (place == 0 ? b : a) }
    case "Div": .given { _, place in place == 0 ? g / b : -(g / b * y) }
    case "PRelu":
      .given { _, place in
        place == 0 ? .select(.less(a, 0), g * b, g) : .select(.less(a, 0), g * a, 0)
      }
    case "Pow": .given { site, place in power(site, place) }
    default: .given { site, place in place == 0 ? g : -(g * (try quotient(site, a / b))) }
    }
  }

  private static func power(_ site: OperatorSite, _ place: Int) -> DerivativeExpression {
    let (a, y, g) = (
      DerivativeExpression.input(0), DerivativeExpression.output, DerivativeExpression.upstream
    )
    // y log a, which is 0 where y is, as the limit says.
    if place == 1 { return g * .select(.equal(y, 0), 0, y * .step("Log", a)) }
    var exponent = DerivativeExpression.input(1)
    if let base = site.inputs[0]?.dataType, base != site.inputs[1]?.dataType {
      exponent = .step("Cast", [exponent], ["to": base.onnxCode])
    }
    return g * (.step("Pow", a, exponent - 1) * exponent)
  }

  /// How often a remainder's divisor goes into the dividend.
  private static func quotient(_ site: OperatorSite, _ ratio: DerivativeExpression) throws
    -> DerivativeExpression
  {
    guard try site.flag("fmod") else { return .step("Floor", ratio) }
    return .step("Sign", ratio) * .step("Floor", .abs(ratio))
  }
}
