import GraphIR
import TensorCore

/// Why a node cannot be inferred, prepared or run. Each case names the node and the way out.
package enum OperatorError: Error, Equatable, CustomStringConvertible {
  /// No operator of this kind is registered.
  case unsupported(kind: OperatorKind, node: String, opset: Int)
  /// The model's operator set is older than any the operators know.
  case opsetTooOld(found: Int, lowest: Int)
  /// A required input is omitted.
  case missingInput(kind: OperatorKind, node: String, input: Int)
  /// An input has a type or shape the operator does not take.
  case input(kind: OperatorKind, node: String, input: Int, expected: String, found: String)
  /// An attribute has a value the operator does not take.
  case attribute(kind: OperatorKind, node: String, name: String, expected: String, found: String)
  /// The output's shape depends on an input that is only known while running.
  case needsConstant(kind: OperatorKind, node: String, input: String)
  /// What the operator gives is only known by running it.
  case knownWhenRun(kind: OperatorKind, node: String)
  /// The operator is a composition of others, which has to be written out before it is planned.
  case composite(kind: OperatorKind, node: String)
  /// A nested graph does not fit the operator that runs it.
  case nestedGraph(kind: OperatorKind, node: String, name: String, expected: String, found: String)
  /// More outputs are asked for than the operator gives here.
  case outputs(kind: OperatorKind, node: String, expected: Int, found: Int)
  /// A value would not fit in memory.
  case tooLarge(kind: OperatorKind, node: String, shape: [Int], limit: Int)
  /// An index read while running lies outside the axis it points into.
  case index(kind: OperatorKind, node: String, found: Int, limit: Int)
  /// An integer division by zero while running.
  case divisionByZero(kind: OperatorKind, node: String)
  /// A graph input's dimension has a name but no number.
  case unboundDimension(name: String, input: String)
  /// A number given for a named dimension is not usable.
  case dimension(name: String, found: Int)
  /// Not even the rank of a graph input is known.
  case unknownRank(input: String)
  /// A tensor fed to the graph does not fit, is missing or is not asked for.
  case graphInput(name: String, expected: String, found: String)
  /// A value that nothing produced.
  case undefinedValue(name: String, node: String)

  package var description: String {
    switch self {
    case .unsupported(let kind, let node, let opset):
      "node \(node) uses the operator \(kind) (opset \(opset)), which is not supported; export the model without it, "
        + "or with its parts as separate operators"
    case .opsetTooOld(let found, let lowest):
      "the model uses operator set \(found), the oldest supported is \(lowest); "
        + "convert it with onnx.version_converter or export it again with a newer opset"
    case .missingInput(let kind, let node, let input):
      "node \(node) (\(kind)) lacks its input \(input); the file is incomplete, export the model again"
    case .input(let kind, let node, let input, let expected, let found):
      "input \(input) of node \(node) (\(kind)) should be \(expected), but is \(found); check the model and its dimensions"
    case .attribute(let kind, let node, let name, let expected, let found):
      "attribute \"\(name)\" of node \(node) (\(kind)) should be \(expected), but is \(found); export the model again"
    case .needsConstant(let kind, let node, let input):
      "the output shape of node \(node) (\(kind)) depends on its input \"\(input)\", which must be a constant; "
        + "export the model with static shapes or simplify it (for example with onnxsim)"
    case .knownWhenRun(let kind, let node):
      "the output of node \(node) (\(kind)) is only known when it runs, so nothing after it can be planned ahead; "
        + "export the model with static shapes to do so"
    case .composite(let kind, let node):
      "node \(node) (\(kind)) stands for several operators, which have to take its place before it is planned"
    case .nestedGraph(let kind, let node, let name, let expected, let found):
      "the graph \"\(name)\" of node \(node) (\(kind)) should have \(expected), but has \(found); export the model again"
    case .outputs(let kind, let node, let expected, let found):
      "node \(node) (\(kind)) asks for \(found) outputs, but gives at most \(expected) here; "
        + "export the model for inference"
    case .tooLarge(let kind, let node, let shape, let limit):
      "a value of shape \(shape) at node \(node) (\(kind)) exceeds \(limit) bytes; use a smaller batch or input"
    case .index(let kind, let node, let found, let limit):
      "node \(node) (\(kind)) got the index \(found), which is outside an axis of \(limit); check the input data"
    case .divisionByZero(let kind, let node):
      "node \(node) (\(kind)) divides an integer by zero; check the input data"
    case .unboundDimension(let name, let input):
      "the dimension \"\(name)\" of input \"\(input)\" has no number; give one with --dim \(name)=VALUE"
    case .dimension(let name, let found):
      "the dimension \"\(name)\" is given as \(found), but must be at least 1; give another with --dim \(name)=VALUE"
    case .unknownRank(let input):
      "input \"\(input)\" declares no shape; export the model with the shape of its inputs"
    case .graphInput(let name, let expected, let found):
      "the model input \"\(name)\" should be \(expected), but is \(found); check the data's names and shapes"
    case .undefinedValue(let name, let node):
      "node \(node) reads \"\(name)\", which nothing produces; the file is incomplete, export the model again"
    }
  }
}

extension OperatorError {
  /// Whether a run would know what is missing here.
  package var isKnownWhenRun: Bool {
    switch self {
    case .knownWhenRun, .needsConstant: true
    default: false
    }
  }
}
