import GraphIR

extension UnaryFunction {
  /// max(x, 0).
  static let relu = UnaryFunction(
    "Relu", promises: .homogeneous, derivative: .of { x, _, g in .select(.greater(x, 0), g, 0) }
  ) { _, table in
    ElementFunction(
      single: { table.kernels.pointee.f32_relu($0, $1, $2) }, double: { $0 < 0 ? 0 : $0 },
      integer: .rectifier)
  }
}
