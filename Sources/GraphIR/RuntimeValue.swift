import TensorCore

/// What a graph value can hold while it runs: a tensor, or what control flow and sequence operators make of them.
package indirect enum RuntimeValue: Sendable {
  case tensor(Tensor)
  case sequence([RuntimeValue])
  /// Nil where the optional holds nothing.
  case optional(RuntimeValue?)

  /// The tensor it is; nil for a sequence or an optional.
  package var tensor: Tensor? {
    if case .tensor(let tensor) = self { tensor } else { nil }
  }

  /// For messages: the type and shape of a tensor, the kind and size of others.
  package var summary: String {
    switch self {
    case .tensor(let tensor): TensorType(tensor.dataType, tensor.shape).description
    case .sequence(let members): "a sequence of \(members.count)"
    case .optional(nil): "an empty optional"
    case .optional(let value?): "an optional of \(value.summary)"
    }
  }
}

/// What a value's tensors are wrapped in.
package enum ValueWrapping: Sendable, Hashable { case sequence, optional }
