import Glibc
import GraphIR

extension UnaryFunction {
  static let hyperbolicTangent = UnaryFunction(
    "Tanh", nanoseconds: 1, derivative: .of { _, y, g in g * (1 - y * y) }
  ) { _, table in
    ElementFunction(single: { table.kernels.pointee.f32_tanh($0, $1, $2) }, double: { tanh($0) })
  }
}
