import GraphIR
import TensorCore

/// How far apart two numbers may be: |found - expected| <= absolute + relative * |expected|.
struct Tolerance {
  var relative: Double
  var absolute: Double
}

/// How strictly the outputs of a case must agree.
enum Strictness: Sendable {
  /// Every element equal; NaN equals NaN.
  case exact
  /// Floating point within the case's tolerance, all else equal.
  case close
  /// Type and shape only: the values are random.
  case shape

  var words: String {
    switch self {
    case .exact: "exactly"
    case .close: "within tolerance"
    case .shape: "in type and shape"
    }
  }

  /// Operators that compute nothing that rounds: they move, compare, count or choose, or their results are defined to the
  /// last bit.
  static let exactOperators: Set<String> = [
    "Abs", "And", "ArgMax", "ArgMin", "BitCast", "BitShift", "BitwiseAnd", "BitwiseNot", "BitwiseOr",
    "BitwiseXor", "Cast", "CastLike", "Ceil", "CenterCropPad", "Clip", "Compress", "Concat",
    "ConcatFromSequence", "Constant", "ConstantOfShape", "ConvInteger", "DepthToSpace", "Equal", "Expand",
    "EyeLike", "Flatten", "Floor", "Gather", "GatherElements", "GatherND", "GlobalMaxPool", "Greater",
    "GreaterOrEqual", "Hardmax", "Identity", "IsInf", "IsNaN", "Less", "LessOrEqual", "MatMulInteger", "Max",
    "MaxPool", "MaxUnpool", "Min", "Neg", "NonMaxSuppression", "NonZero", "Not", "OneHot", "Optional",
    "OptionalGetElement", "OptionalHasElement", "Or", "Pad", "RegexFullMatch", "Relu", "Reshape",
    "ReverseSequence", "Round", "Scatter", "ScatterElements", "ScatterND", "SequenceAt", "SequenceConstruct",
    "SequenceEmpty", "SequenceErase", "SequenceInsert", "SequenceLength", "Shape", "Sign", "Size", "Slice",
    "SpaceToDepth", "Split", "SplitToSequence", "Squeeze", "StringConcat", "StringNormalizer", "StringSplit",
    "TensorScatter", "Tile", "TopK", "Transpose", "Trilu", "Unique", "Unsqueeze", "Where", "Xor",
  ]

  static let randomOperators: Set<String> = [
    "Bernoulli", "Multinomial", "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike",
  ]

  init(_ kinds: Set<OperatorKind>) {
    let types = kinds.map(\.type)
    if types.contains(where: Strictness.randomOperators.contains) {
      self = .shape
    } else if types.allSatisfy(Strictness.exactOperators.contains) {
      self = .exact
    } else {
      self = .close
    }
  }
}

/// Compares what was found with what was expected.
struct Comparison {
  let tolerance: Tolerance
  let strictness: Strictness

  /// What is wrong; nil where nothing is.
  func difference(_ found: RuntimeValue, _ expected: RuntimeValue) -> String? {
    switch (found, expected) {
    case (.tensor(let found), .tensor(let expected)): return difference(found, expected)
    case (.sequence(let found), .sequence(let expected)):
      guard found.count == expected.count else {
        return "a sequence of \(expected.count) was expected, of \(found.count) found"
      }
      return zip(found, expected).lazy.compactMap { difference($0, $1) }.first
    case (.optional(nil), .optional(nil)): return nil
    case (.optional(let found?), .optional(let expected?)): return difference(found, expected)
    // An optional that holds something stands for it.
    case (.optional(let found?), _): return difference(found, expected)
    case (_, .optional(let expected?)): return difference(found, expected)
    default: return "\(expected.summary) was expected, \(found.summary) found"
    }
  }

  private func difference(_ found: Tensor, _ expected: Tensor) -> String? {
    guard found.dataType == expected.dataType, found.shape == expected.shape else {
      return "\(TensorType(expected.dataType, expected.shape)) was expected, "
        + "\(TensorType(found.dataType, found.shape)) found"
    }
    if strictness == .shape { return nil }
    if expected.dataType == .string {
      let (a, b) = (found.strings, expected.strings)
      guard let place = a.indices.first(where: { a[$0] != b[$0] }) else { return nil }
      return "element \(place) is \"\(a[place])\", \"\(b[place])\" was expected"
    }
    guard expected.dataType.isFloatingPoint else {
      let (a, b) = (found.integers, expected.integers)
      guard let place = a.indices.first(where: { a[$0] != b[$0] }) else { return nil }
      return "element \(place) is \(a[place]), \(b[place]) was expected"
    }
    return floatingDifference(found, expected)
  }

  private func floatingDifference(_ found: Tensor, _ expected: Tensor) -> String? {
    var relative = tolerance.relative
    // Two units in the last place, as onnx's own runner allows.
    if expected.dataType == .bfloat16 { relative = max(relative, 0x1p-6) }
    let isExact = strictness == .exact || expected.dataType.minifloat != nil
    let (a, b) = (values(found), values(expected))
    for place in a.indices {
      let (x, y) = (a[place], b[place])
      if x == y || (x.isNaN && y.isNaN) { continue }
      if !isExact, x.isFinite, y.isFinite, abs(x - y) <= tolerance.absolute + relative * abs(y) { continue }
      return "element \(place) is \(x), \(y) was expected"
    }
    return nil
  }

  private func values(_ tensor: Tensor) -> [Double] {
    if tensor.dataType == .float64, let values = try? tensor.withElements(of: Double.self, Array.init) {
      return values
    }
    return tensor.floats.map(Double.init)
  }
}
