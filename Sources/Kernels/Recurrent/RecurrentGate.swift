import CKernels

/// The function of a recurrent gate.
package struct RecurrentGate: Hashable, Sendable {
  /// Those that ONNX names, spelled as there without case; `ck_recurrent.h` has their formulas.
  package enum Function: String, CaseIterable, Sendable {
    case relu, tanh, sigmoid, affine, leakyrelu, thresholdedrelu, scaledtanh, hardsigmoid, elu, softsign,
      softplus

    /// What ONNX takes where the attributes give no more; nil for a function without.
    package var defaults: (alpha: Float?, beta: Float?) {
      switch self {
      case .relu, .tanh, .sigmoid, .softsign, .softplus: (nil, nil)
      case .affine: (1, 0)
      case .leakyrelu: (0.01, nil)
      case .thresholdedrelu, .elu: (1, nil)
      case .scaledtanh: (1, 1)
      case .hardsigmoid: (0.2, 0.5)
      }
    }

    fileprivate var kind: ck_gate_kind {
      switch self {
      case .relu: CK_GATE_RELU
      case .tanh: CK_GATE_TANH
      case .sigmoid: CK_GATE_SIGMOID
      case .affine: CK_GATE_AFFINE
      case .leakyrelu: CK_GATE_LEAKY_RELU
      case .thresholdedrelu: CK_GATE_THRESHOLDED_RELU
      case .scaledtanh: CK_GATE_SCALED_TANH
      case .hardsigmoid: CK_GATE_HARD_SIGMOID
      case .elu: CK_GATE_ELU
      case .softsign: CK_GATE_SOFTSIGN
      case .softplus: CK_GATE_SOFTPLUS
      }
    }
  }

  package let function: Function
  package let alpha: Float
  package let beta: Float

  package init(_ function: Function, alpha: Float = 0, beta: Float = 0) {
    self.function = function
    self.alpha = alpha
    self.beta = beta
  }
}

extension ck_gate {
  init(_ gate: RecurrentGate) { self.init(kind: gate.function.kind, alpha: gate.alpha, beta: gate.beta) }
}
