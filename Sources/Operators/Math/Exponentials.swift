import Glibc
import GraphIR

extension UnaryFunction {
  static let exp = UnaryFunction("Exp", nanoseconds: 0.6, derivative: .of { _, y, g in g * y }) { _, table in
    ElementFunction(single: { table.kernels.pointee.f32_exp($0, $1, $2) }, double: { Glibc.exp($0) })
  }

  static let log = UnaryFunction("Log", derivative: .of { x, _, g in g / x }) { Glibc.log($0) }

  /// The error function.
  static let erf = UnaryFunction(
    "Erf", nanoseconds: 1,
    derivative: .of { x, _, g in g * .number(2 / Double.pi.squareRoot()) * .exp(-(x * x)) }
  ) { _, table in
    ElementFunction(single: { table.kernels.pointee.f32_erf($0, $1, $2) }, double: { Glibc.erf($0) })
  }
}
