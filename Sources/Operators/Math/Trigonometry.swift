import Glibc
import GraphIR

extension UnaryFunction {
  static let sin = UnaryFunction("Sin", derivative: .of { x, _, g in g * .step("Cos", x) }) { Glibc.sin($0) }
  static let cos = UnaryFunction("Cos", derivative: .of { x, _, g in -(g * .step("Sin", x)) }) {
    Glibc.cos($0)
  }
  static let tan = UnaryFunction("Tan", derivative: .of { _, y, g in g * (1 + y * y) }) { Glibc.tan($0) }

  static let asin = UnaryFunction("Asin", derivative: .of { x, _, g in g / .sqrt(1 - x * x) }) {
    Glibc.asin($0)
  }
  static let acos = UnaryFunction("Acos", derivative: .of { x, _, g in -(g / .sqrt(1 - x * x)) }) {
    Glibc.acos($0)
  }
  static let atan = UnaryFunction("Atan", derivative: .of { x, _, g in g / (1 + x * x) }) { Glibc.atan($0) }
}
