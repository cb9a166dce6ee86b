import GraphIR

extension UnaryFunction {
  static let floor = UnaryFunction("Floor", derivative: .zero) { $0.rounded(.down) }
  static let ceil = UnaryFunction("Ceil", derivative: .zero) { $0.rounded(.up) }
  /// Half to even.
  static let round = UnaryFunction("Round", derivative: .zero) { $0.rounded(.toNearestOrEven) }
}
