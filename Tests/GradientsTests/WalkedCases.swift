import GraphIR
import Operators
import TensorCore

/// A case for every operator of the registry that states its derivative: of one operand on [2, 3], unless it is said here
/// that it reads more, or less than all numbers.
enum WalkedCases {
  static let all: [GradientTests.Case] = OperatorRegistry.standard.kinds
    .filter { statesDerivative($0) && !isSingle($0) }.sorted { $0.description < $1.description }.map(item)

  private static func statesDerivative(_ kind: OperatorKind) -> Bool {
    let node = Node(name: "n", kind: kind, inputs: [], outputs: [])
    guard let member = try? OperatorRegistry.standard.find(node, opset: 17) else { return false }
    switch member.traits(of: kind).form {
    case .pointwise(let form): if case .given = form.derivative { return true }
    case .rowwise(let form): if case .given = form.derivative { return true }
    case .structured, .opaque: break
    }
    return false
  }

  /// Of float32 alone, whose rounding drowns a difference: see `LayerNormalizationGradientTests`.
  private static func isSingle(_ kind: OperatorKind) -> Bool {
    kind.type.hasSuffix("LayerNormalization") || kind == "RMSNormalization"
  }

  private static func item(_ kind: OperatorKind) -> GradientTests.Case {
    let pair = [[2, 3], [3]]
    switch kind.type {
    case "Add", "Sub", "Mul", "Max", "Min", "Sum", "Mean", "PRelu": return one(kind, pair)
    case "Div", "Pow", "Mod":
      return one(kind, pair, from: 0.5, attributes: kind == "Mod" ? ["fmod": .int(1)] : [:])
    case "BiasGelu", "FastGelu", "BiasDropout": return one(kind, pair)
    case "BiasAdd": return one(kind, [[2, 3], [3], [2, 3]])
    case "SwiGLU": return one(kind, [[2, 3], [2, 3]])
    case "Log", "Sqrt", "Reciprocal": return one(kind, [[2, 3]], from: 0.3)
    case "Acosh": return one(kind, [[2, 3]], from: 1.1)
    case "Asin", "Acos", "Atanh": return one(kind, [[2, 3]], from: -0.9, to: 0.9)
    case "ReduceLogSum": return one(kind, [[2, 3]], from: 0.3)
    case "ReduceSum": return one(kind, [[2, 3]], attributes: ["axes": .ints([1]), "keepdims": .int(0)])
    case "GlobalAveragePool", "GlobalMaxPool": return one(kind, [[2, 2, 3]])
    case "Clip": return one(kind, [[2, 3]], more: ["low", "high"], ["low": -1, "high": 1])
    case "Cast": return one(kind, [[2, 3]], attributes: ["to": .int(DataType.float64.onnxCode)])
    case "ScaledTanh", "ParametricSoftplus":
      return one(kind, [[2, 3]], attributes: ["alpha": .float(1.5), "beta": .float(0.75)])
    case "CastLike": return one(kind, [[2, 3]], more: ["like"], ["like": 0])
    case "CumSum":
      var item = one(kind, [[2, 3]], more: ["axis"])
      item.constants["axis"] = Tensor(scalar: Int64(1))
      return item
    case "Where":
      let test = Node(name: "t", kind: "Greater", inputs: ["x0", "x1"], outputs: ["t"])
      return GradientTests.Case(
        "Where", pair, [test, Node(name: "f", kind: kind, inputs: ["t", "x0", "x1"], outputs: ["f"])])
    default: return one(kind, [[2, 3]])
    }
  }

  private static func one(
    _ kind: OperatorKind, _ shapes: [[Int]], from lowest: Double = -2, to highest: Double = 2.5,
    more: [String] = [], _ constants: [String: Double] = [:], attributes: [String: Attribute] = [:]
  ) -> GradientTests.Case {
    var item = GradientTests.Case(
      kind, shapes, lowest: lowest, more: more, constants: constants.mapValues { Tensor(scalar: $0) },
      attributes)
    item.highest = highest
    return item
  }
}
