import Glibc
import GraphIR

extension UnaryFunction {
  /// x, below 0 alpha (exp(x) - 1).
  static let elu = UnaryFunction(
    "Elu", nanoseconds: OperatorCost.scalarFunction,
    derivative: .of { site, x, y, g in
      .select(.less(x, 0), g * (y + .number(Double(try site.float("alpha", default: 1)))), g)
    }
  ) { site, _ in
    let alpha = Double(try site.float("alpha", default: 1))
    return ElementFunction { $0 < 0 ? alpha * expm1($0) : $0 }
  }

  /// x, below 0 alpha (exp(x / alpha) - 1).
  static let celu = UnaryFunction(
    "Celu", nanoseconds: OperatorCost.scalarFunction,
    derivative: .of { site, x, y, g in
      .select(.less(x, 0), g * (y / .number(Double(try site.float("alpha", default: 1))) + 1), g)
    }
  ) { site, _ in
    let alpha = Double(try site.float("alpha", default: 1))
    return ElementFunction { $0 < 0 ? alpha * expm1($0 / alpha) : $0 }
  }

  /// gamma x, up to 0 gamma alpha (exp(x) - 1).
  static let selu = UnaryFunction(
    "Selu", nanoseconds: OperatorCost.scalarFunction,
    derivative: .of { site, x, y, g in
      let (alpha, gamma) = try seluNumbers(site)
      return .select(.greater(x, 0), g * .number(gamma), g * (y + .number(gamma * alpha)))
    }
  ) { site, _ in
    let (alpha, gamma) = try seluNumbers(site)
    return ElementFunction { gamma * ($0 <= 0 ? alpha * expm1($0) : $0) }
  }

  private static func seluNumbers(_ site: OperatorSite) throws -> (alpha: Double, gamma: Double) {
    (
      Double(try site.float("alpha", default: 1.67326319217681884765625)),
      Double(try site.float("gamma", default: 1.05070102214813232421875))
    )
  }
}
