import Glibc
import GraphIR

extension UnaryFunction {
  static let sinh = UnaryFunction("Sinh", derivative: .of { x, _, g in g * .step("Cosh", x) }) {
    Glibc.sinh($0)
  }
  static let cosh = UnaryFunction("Cosh", derivative: .of { x, _, g in g * .step("Sinh", x) }) {
    Glibc.cosh($0)
  }

  static let asinh = UnaryFunction("Asinh", derivative: .of { x, _, g in g / .sqrt(x * x + 1) }) {
    Glibc.asinh($0)
  }
  static let acosh = UnaryFunction("Acosh", derivative: .of { x, _, g in g / .sqrt(x * x - 1) }) {
    Glibc.acosh($0)
  }
  static let atanh = UnaryFunction("Atanh", derivative: .of { x, _, g in g / (1 - x * x) }) {
    Glibc.atanh($0)
  }
}
