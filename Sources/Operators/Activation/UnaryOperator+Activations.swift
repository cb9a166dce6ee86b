import Glibc
import GraphIR

extension UnaryOperator {
  /// Activation functions, with the attributes and defaults of their ONNX definitions.
  static let activations: [OperatorKind: Maker] = [
    "Relu": { _, table in
      ElementFunction(
        single: { table.kernels.pointee.f32_relu($0, $1, $2) }, double: { $0 < 0 ? 0 : $0 },
        integer: .rectifier)
    },
    "LeakyRelu": { site, table in
      let alpha = try site.float("alpha", default: 0.01)
      return ElementFunction(
        single: { table.kernels.pointee.f32_leaky_relu($0, $1, alpha, $2) },
        double: { $0 < 0 ? $0 * Double(alpha) : $0 })
    },
    "ThresholdedRelu": { site, _ in
      let alpha = Double(try site.float("alpha", default: 1))
      return ElementFunction { $0 > alpha ? $0 : $0.isNaN ? $0 : 0 }
    },
    "Shrink": { site, _ in
      let (bias, lambda) = (
        Double(try site.float("bias", default: 0)), Double(try site.float("lambd", default: 0.5))
      )
      return ElementFunction(
        { $0 < -lambda ? $0 + bias : $0 > lambda ? $0 - bias : $0.isNaN ? $0 : 0 }, integer: .truncated)
    },
    "Swish": { site, _ in
      let alpha = Double(try site.float("alpha", default: 1))
      return ElementFunction { $0 * logistic(alpha * $0) }
    },
    "Elu": { site, _ in
      let alpha = Double(try site.float("alpha", default: 1))
      return ElementFunction { $0 < 0 ? alpha * expm1($0) : $0 }
    },
    "Celu": { site, _ in
      let alpha = Double(try site.float("alpha", default: 1))
      return ElementFunction { $0 < 0 ? alpha * expm1($0 / alpha) : $0 }
    },
    "Selu": { site, _ in
      let alpha = Double(try site.float("alpha", default: 1.67326319217681884765625))
      let gamma = Double(try site.float("gamma", default: 1.05070102214813232421875))
      return ElementFunction { gamma * ($0 <= 0 ? alpha * expm1($0) : $0) }
    },
    "Sigmoid": { _, table in
      ElementFunction(
        single: { table.kernels.pointee.f32_sigmoid($0, $1, $2) }, double: { 1 / (1 + exp(-$0)) })
    },
    "HardSigmoid": { site, table in
      let (alpha, beta) = (try site.float("alpha", default: 0.2), try site.float("beta", default: 0.5))
      return ElementFunction(
        single: { table.kernels.pointee.f32_hard_sigmoid($0, $1, alpha, beta, $2) },
        double: { value in
          let line = Double(alpha) * value + Double(beta)
          return line < 0 ? 0 : line > 1 ? 1 : line
        })
    },
    "HardSwish": { _, table in
      ElementFunction(
        single: { table.kernels.pointee.f32_hard_swish($0, $1, $2) },
        double: { value in
          let line = value / 6 + 0.5
          return value * (line < 0 ? 0 : line > 1 ? 1 : line)
        })
    },
    "Tanh": { _, table in
      ElementFunction(single: { table.kernels.pointee.f32_tanh($0, $1, $2) }, double: { tanh($0) })
    },
    "Softplus": { _, _ in
      // For large x the sum would overflow long before the result does.
      ElementFunction { $0 > 0 ? $0 + log1p(exp(-$0)) : log1p(exp($0)) }
    },
    "Softsign": { _, _ in ElementFunction { $0 / (1 + Swift.abs($0)) } },
    "Mish": { _, _ in
      ElementFunction { $0 * tanh($0 > 0 ? $0 + log1p(exp(-$0)) : log1p(exp($0))) }
    },
    "Gelu": { site, table in
      let form = try site.string("approximate", default: "none", choices: ["none", "tanh"])
      return form == "none"
        ? ElementFunction(
          single: { table.kernels.pointee.f32_gelu_erf($0, $1, $2) },
          double: { 0.5 * $0 * (1 + erf($0 * 0.5.squareRoot())) })
        : ElementFunction(
          single: { table.kernels.pointee.f32_gelu_tanh($0, $1, $2) },
          double: { 0.5 * $0 * (1 + tanh((2 / Double.pi).squareRoot() * ($0 + 0.044715 * $0 * $0 * $0))) })
    },
    OperatorKind("Gelu", domain: "com.microsoft"): { _, table in
      ElementFunction(
        single: { table.kernels.pointee.f32_gelu_erf($0, $1, $2) },
        double: { 0.5 * $0 * (1 + erf($0 * 0.5.squareRoot())) })
    },
    OperatorKind("QuickGelu", domain: "com.microsoft"): { site, _ in
      let alpha = Double(try site.float("alpha", default: 1.702))
      return ElementFunction { $0 / (1 + exp(-alpha * $0)) }
    },
  ]
}
