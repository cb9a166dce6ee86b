import GraphIR
import TensorCore

/// What ONNX declares of one version of an operator: its inputs and outputs, their types, and its attributes
/// (https://github.com/onnx/onnx/blob/main/docs/Operators.md).
package struct OperatorSchema: Sendable {
  /// One input or output, or the many that a last one stands for.
  struct Parameter: Sendable {
    enum Presence: Sendable, Equatable {
      case required
      case optional
      /// Any number from `minimum` on; of one type where `isHomogeneous`.
      case variadic(minimum: Int, isHomogeneous: Bool)
    }

    /// Parameters of the same variable have the same type; nil where `kinds` says it all.
    let variable: String?
    let kinds: Set<ValueKind>
    let presence: Presence
  }

  struct AttributeForm: Sendable {
    let type: Character
    let isRequired: Bool
  }

  /// The first operator set that has this form.
  package let since: Int
  let inputs: [Parameter]
  let outputs: [Parameter]
  let attributes: [String: AttributeForm]

  /// The parameter that stands at a place; nil behind the last.
  static func parameter(_ index: Int, of parameters: [Parameter]) -> Parameter? {
    if index < parameters.count { return parameters[index] }
    guard let last = parameters.last, case .variadic = last.presence else { return nil }
    return last
  }

  /// How many of the parameters must be given.
  static func minimum(of parameters: [Parameter]) -> Int {
    for (index, parameter) in parameters.enumerated().reversed() {
      switch parameter.presence {
      case .required: return index + 1
      case .optional: continue
      case .variadic(let minimum, _): if minimum > 0 { return index + minimum }
      }
    }
    return 0
  }
}

extension Attribute {
  /// The mark of its type in the table of schemas.
  var schemaType: Character {
    switch self {
    case .int: "i"
    case .float: "f"
    case .string: "s"
    case .tensor: "t"
    case .graph: "g"
    case .ints: "I"
    case .floats: "F"
    case .strings: "S"
    case .tensors: "T"
    case .graphs: "G"
    case .type: "y"
    }
  }

  /// Whether it is a list without members, whose type a file cannot tell from that of others.
  var isEmptyList: Bool {
    switch self {
    case .ints(let values): values.isEmpty
    case .floats(let values): values.isEmpty
    case .strings(let values): values.isEmpty
    case .tensors(let values): values.isEmpty
    case .graphs(let values): values.isEmpty
    case .int, .float, .string, .tensor, .graph, .type: false
    }
  }
}
