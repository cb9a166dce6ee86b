import GraphIR
import Kernels
import TensorCore

/// BitwiseAnd, BitwiseOr, BitwiseXor, BitwiseNot and BitShift of integers; broadcast.
///
/// A shift by the width or more, or by less than nothing, gives 0; a negative number shifted right so gives -1.
struct BitwiseOperator: Operator {
  let kinds: [OperatorKind] = ["BitwiseAnd", "BitwiseOr", "BitwiseXor", "BitwiseNot", "BitShift"]

  func traits(of kind: OperatorKind) -> OperatorTraits {
    .pointwise(.all, .declined("its output is integers"))
  }

  private static let integers: [DataType] = [
    .uint8, .uint16, .uint32, .uint64, .int8, .int16, .int32, .int64,
  ]

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let isShift = site.kind.type == "BitShift"
    let a = try site.input(0, of: Self.integers)
    if site.kind.type == "BitwiseNot" { return [a] }
    if isShift { _ = try shiftsLeft(site) }
    let b = try site.input(1, of: [a.dataType])
    return [TensorType(a.dataType, try site.broadcast([a.shape, b.shape]))]
  }

  private func shiftsLeft(_ site: OperatorSite) throws -> Bool {
    guard site.node.attributes["direction"] != nil else {
      throw site.attributeError("direction", expected: "LEFT or RIGHT", found: "absent")
    }
    return try site.string("direction", default: "LEFT", choices: ["LEFT", "RIGHT"]) == "LEFT"
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    if site.kind == "BitShift" {
      return try site.dispatch(
        0, ShiftVisitor(site: site, result: outputs[0].shape, isLeft: try shiftsLeft(site)))
    }
    return switch outputs[0].dataType.byteCount {
    case 1: try body(site, outputs[0].shape, UInt8.self)
    case 2: try body(site, outputs[0].shape, UInt16.self)
    case 4: try body(site, outputs[0].shape, UInt32.self)
    default: try body(site, outputs[0].shape, UInt64.self)
    }
  }

  private func body<Word: FixedWidthInteger & UnsignedInteger & Sendable>(
    _ site: OperatorSite, _ result: Shape, _ word: Word.Type
  ) throws -> OperatorBody {
    let a = try site.input(0).shape
    let isUnary = site.kind.type == "BitwiseNot"
    let nest = LoopNest(broadcasting: [a, isUnary ? a : try site.input(1).shape], to: result)
    let apply: @Sendable (Word, Word) -> Word
    switch site.kind.type {
    case "BitwiseAnd": apply = { $0 & $1 }
    case "BitwiseOr": apply = { $0 | $1 }
    case "BitwiseXor": apply = { $0 ^ $1 }
    default: apply = { a, _ in ~a }
    }
    return OperatorBody { arguments in
      guard let output = arguments.output(0, as: Word.self) else { return }
      pairLoop(
        nest, arguments.input(0, as: Word.self), arguments.input(isUnary ? 0 : 1, as: Word.self), output,
        apply)
    }
  }
}

private struct ShiftVisitor: NumericVisitor {
  let site: OperatorSite
  let result: Shape
  let isLeft: Bool

  func visit<Element: NumericElement>(_ type: Element.Type) throws -> OperatorBody {
    let nest = LoopNest(
      broadcasting: [try site.input(0).shape, try site.input(1).shape], to: result)
    let shift = Element.pair(isLeft ? .shiftLeft : .shiftRight)
    return OperatorBody { arguments in
      guard let output = arguments.output(0, as: Element.self) else { return }
      pairLoop(
        nest, arguments.input(0, as: Element.self), arguments.input(1, as: Element.self), output, shift)
    }
  }
}

/// BitCast: the same bits under another type of the same width.
struct BitCastOperator: ViewOperator {
  let kinds: [OperatorKind] = ["BitCast"]

  func traits(of kind: OperatorKind) -> OperatorTraits {
    .pointwise(.all, .declined("its output is other numbers of the same bits"), promises: .view)
  }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let type = try site.input(0)
    guard let code = try site.int("to"), let target = DataType(onnxCode: code),
      target.storedBits == type.dataType.storedBits, target != .string, type.dataType != .string
    else {
      throw site.attributeError(
        "to", expected: "the code of a type as wide as \(type.dataType.rawValue)",
        found: "\(try site.int("to") ?? 0)")
    }
    // Narrow signed and unsigned integers differ in the bits above their own.
    guard target.storedBits == 8 * target.byteCount || target == type.dataType else {
      throw site.attributeError("to", expected: "a type of whole bytes", found: target.rawValue)
    }
    return [TensorType(target, type.shape)]
  }
}

/// SwiGLU: swish of the first operand times the second (Shazeer 2020, arXiv:2002.05202).
struct SwiGLUOperator: Operator {
  let kinds: [OperatorKind] = ["SwiGLU"]

  func traits(of kind: OperatorKind) -> OperatorTraits {
    .pointwise(
      .all,
      .given { site, place in
        let (x, alpha) = (
          DerivativeExpression.input(0),
          DerivativeExpression.number(Double(try site.float("alpha", default: 1)))
        )
        let gate = DerivativeExpression.sigmoid(alpha * x)
        if place == 1 { return .upstream * (x * gate) }
        return .upstream * .input(1) * gate * (1 + alpha * x * (1 - gate))
      }, nanoseconds: OperatorCost.scalarFunction)
  }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let type = try site.input(0, of: DataType.real)
    guard try site.input(1) == type else { throw site.inputError(1, expected: "\(type)") }
    return [type]
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    try site.dispatchReal(
      0, Visitor(count: outputs[0].shape.count, alpha: Double(try site.float("alpha", default: 1))))
  }

  private struct Visitor: RealVisitor {
    let count: Int
    let alpha: Double

    func visit<Element: RealElement>(_ type: Element.Type) -> OperatorBody {
      OperatorBody { [count, alpha] arguments in
        guard let output = arguments.output(0, as: Element.self) else { return }
        let (a, b) = (arguments.input(0, as: Element.self), arguments.input(1, as: Element.self))
        for index in 0..<count {
          let gate = Double(a[index])
          output[index] = Element(gate * logistic(alpha * gate) * Double(b[index]))
        }
      }
    }
  }
}
