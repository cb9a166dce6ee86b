import GraphIR
import TensorCore

/// Inputs, constants and attributes with every check that makes a wrong model a typed error.
extension OperatorSite {
  /// Attribute and constant values beyond this are refused, so that sums and products of two of them cannot overflow.
  static var magnitudeLimit: Int { 1 << 30 }

  var kind: OperatorKind { node.kind }

  /// The type of a required input.
  func input(_ index: Int) throws -> TensorType {
    guard inputs.indices.contains(index), let type = inputs[index] else {
      throw OperatorError.missingInput(kind: kind, node: node.name, input: index)
    }
    return type
  }

  /// The type of an optional input; nil where omitted.
  func optionalInput(_ index: Int) -> TensorType? {
    inputs.indices.contains(index) ? inputs[index] : nil
  }

  /// The value of an optional input, which must be constant where it is given; nil where omitted.
  func constant(_ index: Int) throws -> Tensor? {
    guard optionalInput(index) != nil else { return nil }
    guard constants.indices.contains(index), let tensor = constants[index] else {
      throw OperatorError.needsConstant(kind: kind, node: node.name, input: node.inputs[index])
    }
    return tensor
  }

  /// The value of a required input that must be constant.
  func requiredConstant(_ index: Int) throws -> Tensor {
    _ = try input(index)
    guard let tensor = try constant(index) else {
      throw OperatorError.missingInput(kind: kind, node: node.name, input: index)
    }
    return tensor
  }

  /// The value of an input where it happens to be known.
  func knownConstant(_ index: Int) -> Tensor? {
    constants.indices.contains(index) ? constants[index] : nil
  }

  /// A constant list of integers (shape, axes, ...) from input `index`; nil where omitted.
  func constantIntegers(_ index: Int) throws -> [Int]? {
    guard let tensor = try constant(index) else { return nil }
    guard tensor.shape.rank <= 1, !tensor.dataType.isFloatingPoint else {
      throw inputError(index, expected: "a list of integers")
    }
    return tensor.integers
  }

  /// - Throws: unless the input's type is one of `types`.
  @discardableResult
  func input(_ index: Int, of types: [DataType]) throws -> TensorType {
    let type = try input(index)
    guard types.contains(type.dataType) else {
      throw inputError(index, expected: "of type " + types.map(\.rawValue).joined(separator: ", "))
    }
    return type
  }

  func inputError(_ index: Int, expected: String) -> OperatorError {
    let found = optionalInput(index).map(\.description) ?? "omitted"
    return .input(kind: kind, node: node.name, input: index, expected: expected, found: found)
  }

  func attributeError(_ name: String, expected: String, found: String) -> OperatorError {
    .attribute(kind: kind, node: node.name, name: name, expected: expected, found: found)
  }

  // MARK: Attributes

  func int(_ name: String) throws -> Int? {
    guard let attribute = node.attributes[name] else { return nil }
    guard case .int(let value) = attribute else {
      throw attributeError(name, expected: "an integer", found: attribute.kindName)
    }
    return value
  }

  func int(_ name: String, default fallback: Int) throws -> Int { try int(name) ?? fallback }

  /// An integer attribute used as a switch.
  func flag(_ name: String, default fallback: Bool = false) throws -> Bool {
    try int(name).map { $0 != 0 } ?? fallback
  }

  func float(_ name: String, default fallback: Float) throws -> Float {
    guard let attribute = node.attributes[name] else { return fallback }
    guard case .float(let value) = attribute else {
      throw attributeError(name, expected: "a number", found: attribute.kindName)
    }
    return value
  }

  /// A number that the operator has no default for.
  func float(_ name: String) throws -> Float {
    guard node.attributes[name] != nil else {
      throw attributeError(name, expected: "a number", found: "absent")
    }
    return try float(name, default: 0)
  }

  func string(_ name: String, default fallback: String, choices: [String]) throws -> String {
    guard let attribute = node.attributes[name] else { return fallback }
    guard case .string(let value) = attribute, choices.contains(value) else {
      let found = if case .string(let value) = attribute { "\"\(value)\"" } else { attribute.kindName }
      throw attributeError(name, expected: "one of " + choices.joined(separator: ", "), found: found)
    }
    return value
  }

  func ints(_ name: String) throws -> [Int]? {
    guard let attribute = node.attributes[name] else { return nil }
    guard case .ints(let values) = attribute else {
      throw attributeError(name, expected: "a list of integers", found: attribute.kindName)
    }
    return values
  }

  func floats(_ name: String) throws -> [Float]? {
    guard let attribute = node.attributes[name] else { return nil }
    guard case .floats(let values) = attribute else {
      throw attributeError(name, expected: "a list of numbers", found: attribute.kindName)
    }
    return values
  }

  /// A list of exactly `count` integers inside `range`, or `fallback` for each.
  func ints(_ name: String, count: Int, in range: ClosedRange<Int>, default fallback: Int) throws -> [Int] {
    guard let values = try ints(name) else { return [Int](repeating: fallback, count: count) }
    guard values.count == count, values.allSatisfy(range.contains) else {
      throw attributeError(
        name, expected: "\(count) integers in \(range.lowerBound)...\(range.upperBound)", found: "\(values)")
    }
    return values
  }

  // MARK: Axes

  /// An axis of `rank`, counted from the end where negative.
  func axis(_ value: Int, rank: Int, name: String = "axis") throws -> Int {
    guard value >= -rank, value < rank else {
      throw attributeError(name, expected: "an axis in \(-rank)..<\(rank)", found: "\(value)")
    }
    return value < 0 ? value + rank : value
  }

  /// Distinct axes of `rank`.
  func axes(_ values: [Int], rank: Int, name: String = "axes") throws -> [Int] {
    let axes = try values.map { try axis($0, rank: rank, name: name) }
    guard Set(axes).count == axes.count else {
      throw attributeError(name, expected: "distinct axes", found: "\(values)")
    }
    return axes
  }

  /// A shape that an operator derives, refused where it is negative or beyond what memory can hold.
  func shape(_ dimensions: [Int]) throws -> Shape {
    guard let count = Shape.elementCount(dimensions), count <= OperatorLimits.largestElementCount else {
      throw OperatorError.tooLarge(
        kind: kind, node: node.name, shape: dimensions, limit: OperatorLimits.largestValueBytes)
    }
    return Shape(known: dimensions)
  }

  /// A shape whose axes are short enough for a table of places each.
  func tabulated(_ dimensions: [Int]) throws -> Shape {
    guard dimensions.allSatisfy({ $0 <= OperatorLimits.longestTable }) else {
      throw OperatorError.tooLarge(
        kind: kind, node: node.name, shape: dimensions, limit: OperatorLimits.largestValueBytes)
    }
    return try shape(dimensions)
  }

  /// - Throws: where the node asks for more outputs than `count`.
  func expectOutputs(atMost count: Int) throws {
    let wanted = (node.outputs.lastIndex { !$0.isEmpty } ?? -1) + 1
    guard wanted <= count else {
      throw OperatorError.outputs(kind: kind, node: node.name, expected: count, found: wanted)
    }
  }
}

/// Sizes beyond which a model is refused rather than run into the memory's end.
package enum OperatorLimits {
  /// The largest value a graph may compute.
  package static let largestValueBytes = 1 << 31
  static let largestElementCount = 1 << 31
  /// The longest axis that an operator keeps a table of places for.
  static let longestTable = 1 << 26
}

extension Attribute {
  /// What kind of value it holds, for error texts.
  package var kindName: String {
    switch self {
    case .int: "an integer"
    case .float: "a number"
    case .string: "a string"
    case .tensor: "a tensor"
    case .graph: "a graph"
    case .ints: "a list of integers"
    case .floats: "a list of numbers"
    case .strings: "a list of strings"
    case .tensors: "a list of tensors"
    case .graphs: "a list of graphs"
    case .type: "a type"
    }
  }
}
