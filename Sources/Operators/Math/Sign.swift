import GraphIR

extension UnaryFunction {
  static let abs = UnaryFunction(
    "Abs", derivative: .of { x, _, g in g * .step("Sign", x) }, integer: .magnitude
  ) { Swift.abs($0) }

  static let neg = UnaryFunction("Neg", derivative: .of { _, _, g in -g }, integer: .negation) { -$0 }

  static let sign = UnaryFunction("Sign", derivative: .zero, integer: .sign) { $0 > 0 ? 1 : $0 < 0 ? -1 : $0 }
}
