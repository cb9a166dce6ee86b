import Glibc
import GraphIR

extension UnaryFunction {
  /// 1 / (1 + exp(-x)).
  static let sigmoid = UnaryFunction(
    "Sigmoid", nanoseconds: 0.8, derivative: .of { _, y, g in g * (y * (1 - y)) }
  ) { _, table in
    ElementFunction(
      single: { table.kernels.pointee.f32_sigmoid($0, $1, $2) }, double: { 1 / (1 + Glibc.exp(-$0)) })
  }
}
