import Glibc
import GraphIR
import TensorCore

/// QONNX: quantization to any number of bits, written as values and not as codes, by Brevitas, FINN and their kin.
///
/// https://github.com/fastmachinelearning/qonnx/tree/main/docs/qonnx-custom-ops
package enum QONNX {
  private static let domains = ["qonnx.custom_op.general", "onnx.brevitas", "finn.custom_op.general", "finn"]

  static func kinds(_ types: String...) -> [OperatorKind] {
    domains.flatMap { domain in types.map { OperatorKind($0, domain: domain) } }
  }

  /// Whether a node rounds values to a grid of few bits.
  package static func quantizes(_ node: Node) -> Bool { quantizers.contains(node.kind) }

  private static let quantizers = Set(kinds("Quant", "IntQuant", "BipolarQuant"))

  static let roundings = [
    "ROUND", "HALF_EVEN", "CEIL", "FLOOR", "UP", "DOWN", "ROUND_TO_ZERO", "HALF_UP", "HALF_DOWN",
  ]

  /// The least and the greatest code of so many bits; `narrow` leaves one out.
  static func range(bits: Double, isSigned: Bool, isNarrow: Bool) -> ClosedRange<Double> {
    func power(_ exponent: Double) -> Double { exp2(exponent) }
    if isSigned { return (isNarrow ? 1 - power(bits - 1) : -power(bits - 1))...max(0, power(bits - 1) - 1) }
    return 0...max(0, power(bits) - (isNarrow ? 2 : 1))
  }
}

extension Composition {
  fileprivate func number(_ value: Double, like other: Value) throws -> Value {
    .constant(try Tensor(shape: [], floats: [Float(value)], as: type(of: other).dataType))
  }

  /// x rounded in one of QONNX's ways.
  fileprivate mutating func rounded(_ x: Value, default standard: String) throws -> Value {
    let attribute = site.node.string("rounding_mode") ?? standard
    let mode = attribute.uppercased()
    func awayFromZero(_ kind: OperatorKind, shift: Double, _ steps: inout Composition) throws -> Value {
      let size = try steps.add("Abs", [x])
      let moved = shift == 0 ? size : try steps.add("Add", [size, steps.number(shift, like: x)])
      return try steps.add("Mul", [try steps.add("Sign", [x]), try steps.add(kind, [moved])])
    }
    switch mode {
    case "ROUND", "HALF_EVEN": return try add("Round", [x])
    case "CEIL": return try add("Ceil", [x])
    case "FLOOR": return try add("Floor", [x])
    case "UP": return try awayFromZero("Ceil", shift: 0, &self)
    case "DOWN", "ROUND_TO_ZERO": return try awayFromZero("Floor", shift: 0, &self)
    case "HALF_UP": return try awayFromZero("Floor", shift: 0.5, &self)
    case "HALF_DOWN": return try awayFromZero("Ceil", shift: -0.5, &self)
    default:
      throw site.attributeError(
        "rounding_mode", expected: "one of " + QONNX.roundings.joined(separator: ", "), found: attribute)
    }
  }

  /// 1 where x is not negative, else -1.
  fileprivate mutating func sign(_ x: Value) throws -> Value {
    let isPositive = try add("GreaterOrEqual", [x, number(0, like: x)])
    return try add("Where", [isPositive, number(1, like: x), number(-1, like: x)])
  }

  /// The one number that an input must be.
  fileprivate func bits(_ index: Int) throws -> Double {
    let tensor = try site.requiredConstant(index)
    guard tensor.count == 1, let bits = tensor.doubles.first, (1...32).contains(bits) else {
      throw site.inputError(index, expected: "one number of bits from 1 to 32")
    }
    return bits
  }

  /// Whether an input is known to be zeros, so that adding it changes nothing.
  fileprivate func isZero(_ index: Int) -> Bool {
    site.knownConstant(index)?.doubles.allSatisfy { $0 == 0 } == true
  }

  fileprivate mutating func clipped(_ x: Value, bits: Double, signed: Bool) throws -> Value {
    let range = QONNX.range(
      bits: bits, isSigned: try site.flag("signed", default: signed), isNarrow: try site.flag("narrow"))
    return try add("Clip", [x, number(range.lowerBound, like: x), number(range.upperBound, like: x)])
  }
}

/// Quant: scale (round(clip(x / scale + zero point)) - zero point) to a number of bits, signed or not.
///
/// Inputs: x, scale, zero point, bits. One signed bit is -1 or 1.
struct QuantOperator: CompositeOperator {
  let kinds = QONNX.kinds("Quant", "IntQuant")

  func traits(of kind: OperatorKind) -> OperatorTraits { .opaque("it rounds values to steps") }

  func compose(_ steps: inout Composition) throws -> [Composition.Value?] {
    let (x, scale, zero) = (try steps.required(0), try steps.required(1), try steps.required(2))
    let bits = try steps.bits(3)
    let hasZero = !steps.isZero(2)
    var value = try steps.add("Div", [x, scale])
    if hasZero { value = try steps.add("Add", [value, zero]) }
    if bits == 1, try steps.site.flag("signed", default: true) {
      value = try steps.sign(value)
    } else {
      value = try steps.rounded(steps.clipped(value, bits: bits, signed: true), default: "ROUND")
    }
    if hasZero { value = try steps.add("Sub", [value, zero]) }
    return [try steps.add("Mul", [value, scale])]
  }
}

/// BipolarQuant: scale where x is not negative, else -scale.
struct BipolarQuantOperator: CompositeOperator {
  let kinds = QONNX.kinds("BipolarQuant")

  func traits(of kind: OperatorKind) -> OperatorTraits { .opaque("it rounds values to steps") }

  func compose(_ steps: inout Composition) throws -> [Composition.Value?] {
    let sign = try steps.sign(steps.required(0))
    return [try steps.add("Mul", [sign, steps.required(1)])]
  }
}

/// Trunc: what is left of codes when their lowest bits are cut off.
///
/// Version 1 reads x, scale, zero point, bits before and after; version 2 x, scale, zero point, bits before, scale, zero
/// point and bits after.
struct TruncOperator: CompositeOperator {
  let kinds = QONNX.kinds("Trunc")

  func traits(of kind: OperatorKind) -> OperatorTraits { .opaque("it rounds values to steps") }

  func compose(_ steps: inout Composition) throws -> [Composition.Value?] {
    let (x, scale, zero) = (try steps.required(0), try steps.required(1), try steps.required(2))
    var codes = try steps.add("Div", [x, scale])
    codes = try steps.add("Round", [try steps.add("Add", [codes, zero])])
    guard steps.site.inputs.count > 5 else {
      let cut = try steps.number(exp2(steps.bits(3) - steps.bits(4)), like: x)
      let kept = try steps.rounded(try steps.add("Div", [codes, cut]), default: "FLOOR")
      return [try steps.add("Mul", [try steps.add("Sub", [kept, zero]), scale])]
    }
    let target = try steps.required(4)
    // The ratio of both scales is a power of two, whatever their last digits say.
    let two = try steps.number(2, like: x)
    let ratio = try steps.add("Div", [target, scale])
    let logarithm = try steps.add(
      "Div", [try steps.add("Log", [ratio]), steps.number(0.6931471805599453, like: x)])
    let cut = try steps.add("Pow", [two, try steps.add("Round", [logarithm])])
    let clipped = try steps.clipped(try steps.add("Div", [codes, cut]), bits: steps.bits(6), signed: true)
    let kept = try steps.rounded(clipped, default: "FLOOR")
    let moved = try steps.add("Sub", [kept, try steps.add("Div", [zero, cut])])
    return [try steps.add("Mul", [moved, target])]
  }
}
