import GraphIR
import TensorCore

/// What can keep a graph from being made ready, or a run from starting.
package enum ExecutionError: Error, Equatable, CustomStringConvertible {
  /// The memory for intermediate values exceeds the limit.
  case tooMuchMemory(bytes: Int, limit: Int)
  /// The batch size is not positive.
  case invalidBatch(found: Int)
  /// A graph input was not given.
  case missingInput(name: String, expected: TensorType)
  /// A tensor was given for a name that is no input.
  case unknownInput(name: String, choices: [String])
  /// An input has another type or shape than the plan was made for.
  case inputMismatch(name: String, expected: TensorType, found: TensorType)
  /// The plan keeps no value of that name.
  case unknownValue(name: String)
  /// The context was made by another plan.
  case foreignContext
  /// The buffer for step times does not have one place per step.
  case timingBuffer(expected: Int, found: Int)

  package var description: String {
    switch self {
    case .tooMuchMemory(let bytes, let limit):
      "the intermediate values need \(bytes) bytes, more than the limit of \(limit); choose a smaller batch or input size"
    case .invalidBatch(let found):
      "the batch size is \(found), but must be at least 1"
    case .missingInput(let name, let expected):
      "input \"\(name)\" is missing; give a tensor of type \(expected)"
    case .unknownInput(let name, let choices):
      "the model has no input \"\(name)\"; its inputs are \(choices.joined(separator: ", "))"
    case .inputMismatch(let name, let expected, let found):
      "input \"\(name)\" must be \(expected), but \(found) was given"
    case .unknownValue(let name):
      "the plan keeps no value \"\(name)\"; name it in the options' keep set when making the plan"
    case .foreignContext:
      "the context belongs to another plan; make one with this plan's makeContext()"
    case .timingBuffer(let expected, let found):
      "the buffer for step times needs \(expected) places, but has \(found)"
    }
  }
}
