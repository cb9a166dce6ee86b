import GraphIR
import Kernels

/// An elementwise function of one operand: its kind, what is true of it, and how it is computed.
struct UnaryFunction: Sendable {
  /// Makes the function for a node, whose attributes may have a say.
  typealias Maker = @Sendable (OperatorSite, VectorTable) throws -> ElementFunction

  let kind: OperatorKind
  let derivative: Derivative
  let nanoseconds: Double?
  let promises: OperatorPromises
  let make: Maker

  /// - Parameter nanoseconds: per element; nil where it takes no longer than reading and writing them.
  init(
    _ kind: OperatorKind, nanoseconds: Double? = nil, promises: OperatorPromises = [], derivative: Derivative,
    _ make: @escaping Maker
  ) {
    (self.kind, self.derivative, self.nanoseconds) = (kind, derivative, nanoseconds)
    (self.promises, self.make) = (promises, make)
  }

  /// A function computed in float64 by the C library and rounded once.
  init(
    _ kind: OperatorKind, derivative: Derivative, integer: IntegerFunction? = nil,
    _ function: @escaping @Sendable (Double) -> Double
  ) {
    self.init(kind, nanoseconds: OperatorCost.scalarFunction, derivative: derivative) { _, _ in
      ElementFunction(function, integer: integer)
    }
  }
}

extension UnaryFunction {
  /// Activation functions, with the attributes and defaults of their ONNX definitions.
  static let activations: [UnaryFunction] = [
    .relu, .leakyRelu, .thresholdedRelu, .shrink, .swish, .elu, .celu, .selu, .sigmoid, .hardSigmoid,
    .hardSwish, .hyperbolicTangent, .softplus, .softsign, .mish, .gelu, .runtimeGelu, .quickGelu,
    .affine, .scale, .scaledTanh, .parametricSoftplus,
  ]

  /// Mathematical functions.
  static let math: [UnaryFunction] = [
    .abs, .neg, .sign, .floor, .ceil, .round, .reciprocal, .sqrt, .exp, .log, .erf, .sin, .cos, .tan, .asin,
    .acos, .atan, .sinh, .cosh, .asinh, .acosh, .atanh,
  ]
}
