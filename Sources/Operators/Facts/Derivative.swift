import GraphIR

/// How an operator passes the gradient of its output on to its operands, or why it does not.
package enum Derivative: Sendable {
  /// The gradient of the operand at a place, in the output's shape (what was broadcast is summed up afterwards); nil
  /// where that input has none. Of a reduction, output and upstream gradient have its axes as 1.
  case given(@Sendable (_ site: OperatorSite, _ place: Int) throws -> DerivativeExpression?)
  case declined(String)

  /// Of one operand x with result y and upstream gradient g; other inputs have no gradient.
  package static func of(
    _ rule:
      @escaping @Sendable (
        _ x: DerivativeExpression, _ y: DerivativeExpression, _ g: DerivativeExpression
      ) -> DerivativeExpression
  ) -> Derivative {
    .given { _, place in place == 0 ? rule(.input(0), .output, .upstream) : nil }
  }

  /// The same, for an operator whose attributes have a say.
  package static func of(
    _ rule:
      @escaping @Sendable (
        _ site: OperatorSite, _ x: DerivativeExpression, _ y: DerivativeExpression, _ g: DerivativeExpression
      ) throws -> DerivativeExpression
  ) -> Derivative {
    .given { site, place in place == 0 ? try rule(site, .input(0), .output, .upstream) : nil }
  }

  /// Steps: nothing changes but at single points.
  package static let zero = Derivative.of { _, _, _ in 0 }
}

/// A term of a gradient, made of operators, the node's inputs and output, the gradient from above and numbers, all of
/// the output's element type: a value, which whoever builds graphs writes out.
package indirect enum DerivativeExpression: Sendable, Hashable {
  case input(Int)
  case output
  /// The gradient of the output.
  case upstream
  case number(Double)
  /// With integer attributes.
  case step(OperatorKind, [DerivativeExpression], [String: Int])
  /// The sum along each row, whose axes stay as 1.
  case rowSum(DerivativeExpression)
  /// How many elements a row has.
  case rowLength
}

extension DerivativeExpression: ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral {
  package init(floatLiteral value: Double) { self = .number(value) }
  package init(integerLiteral value: Int) { self = .number(Double(value)) }

  package static func step(_ kind: OperatorKind, _ operands: DerivativeExpression...) -> Self {
    .step(kind, operands, [:])
  }

  package static func + (left: Self, right: Self) -> Self { .step("Add", left, right) }
  package static func - (left: Self, right: Self) -> Self { .step("Sub", left, right) }
  package static func * (left: Self, right: Self) -> Self { .step("Mul", left, right) }
  package static func / (left: Self, right: Self) -> Self { .step("Div", left, right) }
  package static prefix func - (value: Self) -> Self { .step("Neg", value) }

  /// `yes` where the test holds, else `no`.
  package static func select(_ test: Self, _ yes: Self, _ no: Self) -> Self { .step("Where", test, yes, no) }
  package static func less(_ left: Self, _ right: Self) -> Self { .step("Less", left, right) }
  package static func greater(_ left: Self, _ right: Self) -> Self { .step("Greater", left, right) }
  package static func equal(_ left: Self, _ right: Self) -> Self { .step("Equal", left, right) }
  package static func abs(_ value: Self) -> Self { .step("Abs", value) }
  package static func exp(_ value: Self) -> Self { .step("Exp", value) }
  package static func sqrt(_ value: Self) -> Self { .step("Sqrt", value) }
  package static func sigmoid(_ value: Self) -> Self { .step("Sigmoid", value) }
  package static func tanh(_ value: Self) -> Self { .step("Tanh", value) }
}
