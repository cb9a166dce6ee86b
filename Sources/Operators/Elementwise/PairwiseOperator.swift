import GraphIR
import Kernels
import TensorCore

/// Add, Sub, Mul, Div, Pow, Mod and PRelu: two operands, broadcast as in numpy. Integers wrap.
///
/// An integer division by zero is `OperatorError.divisionByZero`; an integer power saturates.
struct PairwiseOperator: Operator {
  let kinds: [OperatorKind] = ["Add", "Sub", "Mul", "Div", "Pow", "Mod", "PRelu"]

  func traits(of kind: OperatorKind) -> OperatorTraits {
    let exception: (@Sendable (OperatorSite) -> Bool)? =
      kind == "PRelu" ? { @Sendable site in Self.hasChannelSlopes(site) } : nil
    return .pointwise(
      .all, Self.derivative(of: kind), nanoseconds: kind == "Pow" ? OperatorCost.scalarFunction : nil,
      promises: kind == "PRelu" ? .homogeneous : [], except: exception)
  }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let (a, b) = (try site.input(0), try site.input(1))
    guard site.node.attributes["broadcast"] == nil else {
      throw site.attributeError("broadcast", expected: "absent since opset 7", found: "present")
    }
    if site.kind.type != "Pow", a.dataType != b.dataType {
      throw site.inputError(1, expected: "of type \(a.dataType.rawValue)")
    }
    // The output of PRelu has the shape of its input: the slope may only be repeated.
    let shape = try site.broadcast([a.shape, Self.slope(site, a.shape, b.shape)])
    if site.kind.type == "PRelu", shape != a.shape {
      throw site.inputError(1, expected: "broadcastable to \(a.shape)")
    }
    return [TensorType(a.dataType, shape)]
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    let operation = try Self.operation(site)
    let (a, b) = (try site.input(0), try site.input(1))
    let right = Self.slope(site, a.shape, b.shape)
    let nest = LoopNest(broadcasting: [a.shape, right], to: outputs[0].shape)
    if case .pow = operation, let body = try power(site, nest, table) { return body }
    if a.dataType == .float32, let kernels = PairKernels(operation, table.vector) {
      return OperatorBody { arguments in
        guard let output = arguments.output(0, as: Float.self) else { return }
        kernels.run(nest, arguments.input(0), arguments.input(1), output)
      }
    }
    guard a.dataType != .bool else {
      throw site.inputError(0, expected: "numeric")
    }
    return try site.dispatch(0, PairVisitor(site: site, operation: operation, nest: nest))
  }

  /// Before opset 7 a list of slopes stood for the channels, and files converted from there still say so.
  private static func slope(_ site: OperatorSite, _ x: Shape, _ slope: Shape) -> Shape {
    guard site.kind == "PRelu", slope.rank == 1, x.rank > 2, slope.count == x[1], slope.count > 1,
      slope.count != x[x.rank - 1]
    else { return slope }
    return Shape(known: [slope.count] + [Int](repeating: 1, count: x.rank - 2))
  }

  private static func hasChannelSlopes(_ site: OperatorSite) -> Bool {
    guard let x = site.optionalInput(0)?.shape, let slopes = site.optionalInput(1)?.shape else {
      return false
    }
    return slope(site, x, slopes) != slopes
  }

  private static func operation(_ site: OperatorSite) throws -> PairOperation {
    switch site.kind.type {
    case "Add": .add
    case "Sub": .sub
    case "Mul": .mul
    case "Div": .div
    case "Pow": .pow
    case "PRelu": .prelu
    default: try site.flag("fmod") ? .truncatedRemainder : .flooredRemainder
    }
  }

  /// Powers that are cheaper otherwise (the constants 2 and 0.5), and exponents of another type than the base.
  private func power(_ site: OperatorSite, _ nest: LoopNest, _ table: KernelTable) throws -> OperatorBody? {
    let (base, exponent) = (try site.input(0), try site.input(1))
    let count = base.shape.count
    if base.dataType == .float32, let constant = site.knownConstant(1), constant.count == 1,
      exponent.shape.rank <= base.shape.rank
    {
      let vector = table.vector
      if constant.floats[0] == 2 {
        return OperatorBody { arguments in
          guard let output = arguments.output(0, as: Float.self) else { return }
          vector.kernels.pointee.f32_mul_vv(1, count, arguments.input(0), 0, arguments.input(0), 0, output)
        }
      }
      if constant.floats[0] == 1 {
        return viewBody(byteCount: base.byteCount)
      }
    }
    if base.dataType == exponent.dataType { return nil }
    guard DataType.numeric.contains(base.dataType) else { throw site.inputError(0, expected: "numeric") }
    return try site.dispatch(0, MixedPowerVisitor(site: site, nest: nest))
  }
}

/// Runs one arithmetic operation over a broadcast nest, for any numeric type.
struct PairVisitor: NumericVisitor {
  let site: OperatorSite
  let operation: PairOperation
  let nest: LoopNest

  func visit<Element: NumericElement>(_ type: Element.Type) throws -> OperatorBody {
    let apply = Element.pair(operation)
    let divides =
      switch operation {
      case .div, .truncatedRemainder, .flooredRemainder: Element.isInteger
      case .add, .sub, .mul, .max, .min, .pow, .prelu, .shiftLeft, .shiftRight: false
      }
    let divisors = try site.input(1).shape.count
    let (kind, name) = (site.kind, site.node.name)
    return OperatorBody { [nest] arguments in
      guard let output = arguments.output(0, as: Element.self) else { return }
      let (a, b) = (arguments.input(0, as: Element.self), arguments.input(1, as: Element.self))
      if divides, UnsafeBufferPointer(start: b, count: divisors).contains(0) {
        throw OperatorError.divisionByZero(kind: kind, node: name)
      }
      pairLoop(nest, a, b, output, apply)
    }
  }
}

/// `out = apply(a, b)` over a nest.
func pairLoop<A, B, Result>(
  _ nest: LoopNest, _ a: UnsafePointer<A>, _ b: UnsafePointer<B>, _ out: UnsafeMutablePointer<Result>,
  _ apply: (A, B) -> Result
) {
  let (count, steps) = (nest.rowCount, nest.rowStrides)
  nest.forEachRow { offsets in
    var (p, q, r) = (a + offsets[0], b + offsets[1], out + offsets[3])
    for _ in 0..<count {
      r.pointee = apply(p.pointee, q.pointee)
      p += steps[0]
      q += steps[1]
      r += steps[3]
    }
  }
}

/// Pow whose exponent has another type: both go through float64.
private struct MixedPowerVisitor: NumericVisitor {
  let site: OperatorSite
  let nest: LoopNest

  func visit<Base: NumericElement>(_ base: Base.Type) throws -> OperatorBody {
    try site.dispatch(1, Exponent<Base>(nest: nest))
  }

  struct Exponent<Base: NumericElement>: NumericVisitor {
    let nest: LoopNest

    func visit<Power: NumericElement>(_ power: Power.Type) throws -> OperatorBody {
      let raise = Double.pair(.pow)
      return OperatorBody { [nest] arguments in
        guard let output = arguments.output(0, as: Base.self) else { return }
        pairLoop(nest, arguments.input(0, as: Base.self), arguments.input(1, as: Power.self), output) {
          Base(saturating: raise($0.double, $1.double))
        }
      }
    }
  }
}
