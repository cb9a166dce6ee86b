import GraphIR

extension UnaryFunction {
  static let reciprocal = UnaryFunction("Reciprocal", derivative: .of { _, y, g in -(g * (y * y)) }) {
    1 / $0
  }

  static let sqrt = UnaryFunction("Sqrt", derivative: .of { _, y, g in g / (y + y) }) { _, table in
    ElementFunction(single: { table.kernels.pointee.f32_sqrt($0, $1, $2) }, double: { $0.squareRoot() })
  }
}
