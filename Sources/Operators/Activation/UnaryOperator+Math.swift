import Glibc
import GraphIR

extension UnaryOperator {
  /// Mathematical functions.
  static let math: [OperatorKind: Maker] = [
    "Abs": { _, _ in ElementFunction({ Swift.abs($0) }, integer: .magnitude) },
    "Neg": { _, _ in ElementFunction({ -$0 }, integer: .negation) },
    "Sign": { _, _ in
      ElementFunction({ $0 > 0 ? 1 : $0 < 0 ? -1 : $0 }, integer: .sign)
    },
    "Floor": { _, _ in ElementFunction { $0.rounded(.down) } },
    "Ceil": { _, _ in ElementFunction { $0.rounded(.up) } },
    "Round": { _, _ in ElementFunction { $0.rounded(.toNearestOrEven) } },
    "Reciprocal": { _, _ in ElementFunction { 1 / $0 } },
    "Log": { _, _ in ElementFunction { log($0) } },
    "Sin": { _, _ in ElementFunction { sin($0) } },
    "Cos": { _, _ in ElementFunction { cos($0) } },
    "Tan": { _, _ in ElementFunction { tan($0) } },
    "Asin": { _, _ in ElementFunction { asin($0) } },
    "Acos": { _, _ in ElementFunction { acos($0) } },
    "Atan": { _, _ in ElementFunction { atan($0) } },
    "Asinh": { _, _ in ElementFunction { asinh($0) } },
    "Acosh": { _, _ in ElementFunction { acosh($0) } },
    "Atanh": { _, _ in ElementFunction { atanh($0) } },
    "Sinh": { _, _ in ElementFunction { sinh($0) } },
    "Cosh": { _, _ in ElementFunction { cosh($0) } },
    "Sqrt": { _, table in
      ElementFunction(
        single: { table.kernels.pointee.f32_sqrt($0, $1, $2) }, double: { $0.squareRoot() })
    },
    "Exp": { _, table in
      ElementFunction(single: { table.kernels.pointee.f32_exp($0, $1, $2) }, double: { exp($0) })
    },
    "Erf": { _, table in
      ElementFunction(single: { table.kernels.pointee.f32_erf($0, $1, $2) }, double: { erf($0) })
    },
  ]
}
