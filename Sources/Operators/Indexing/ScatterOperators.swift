import GraphIR
import Kernels
import TensorCore

/// How a scattered value meets the one it falls on.
enum ScatterReduction: Sendable {
  case replace
  case combine(PairOperation)

  init(_ site: OperatorSite) throws {
    switch try site.string("reduction", default: "none", choices: ["none", "add", "mul", "max", "min"]) {
    case "add": self = .combine(.add)
    case "mul": self = .combine(.mul)
    case "max": self = .combine(.max)
    case "min": self = .combine(.min)
    default: self = .replace
    }
  }
}

/// What the scattering operators share: how values meet, and code by their type.
protocol ScatterOperator: Operator {
  /// Code for data of `shape`, where a value that falls on another gives what `combine` makes of the two.
  static func body<Element: NumericElement>(
    _ site: OperatorSite, _ shape: Shape, _ combine: @escaping @Sendable (Element, Element) -> Element
  ) throws -> OperatorBody
}

extension ScatterOperator {
  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    let reduction = try ScatterReduction(site)
    return try site.dispatch(
      reduction, ScatterVisitor<Self>(site: site, reduction: reduction, shape: outputs[0].shape))
  }
}

private struct ScatterVisitor<Scatter: ScatterOperator>: NumericVisitor {
  let site: OperatorSite
  let reduction: ScatterReduction
  let shape: Shape

  func visit<Element: NumericElement>(_ type: Element.Type) throws -> OperatorBody {
    try Scatter.body(site, shape, Element.scatter(reduction))
  }
}

extension OperatorSite {
  /// Makes code that combines values by type, or only moves words where they replace each other.
  fileprivate func dispatch<Visitor: NumericVisitor>(_ reduction: ScatterReduction, _ visitor: Visitor) throws
    -> Visitor.Result
  {
    if case .combine = reduction { return try dispatch(0, visitor) }
    switch try input(0).dataType.byteCount {
    case 1: return try visitor.visit(UInt8.self)
    case 2: return try visitor.visit(UInt16.self)
    case 4: return try visitor.visit(UInt32.self)
    default: return try visitor.visit(UInt64.self)
    }
  }
}

extension NumericElement {
  fileprivate static func scatter(_ reduction: ScatterReduction) -> @Sendable (Self, Self) -> Self {
    switch reduction {
    case .replace: { $1 }
    case .combine(let operation): pair(operation)
    }
  }
}

/// ScatterElements: a copy of the data with updates written at places whose position along the axis is replaced.
struct ScatterElementsOperator: ScatterOperator {
  let kinds: [OperatorKind] = ["ScatterElements", "Scatter"]

  func traits(of kind: OperatorKind) -> OperatorTraits { .structured(.zero) }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let type = try site.input(0)
    let indices = try site.input(1, of: [.int32, .int64]).shape
    try checkElements(site, indices, within: type.shape)
    guard try site.input(2) == TensorType(type.dataType, indices) else {
      throw site.inputError(2, expected: "\(TensorType(type.dataType, indices))")
    }
    return [type]
  }

  static func body<Element: NumericElement>(
    _ site: OperatorSite, _ shape: Shape, _ combine: @escaping @Sendable (Element, Element) -> Element
  ) throws -> OperatorBody {
    let axis = try site.axis(try site.int("axis", default: 0), rank: shape.rank)
    let walk = ElementWalk(indices: try site.input(1).shape, data: shape, axis: axis)
    let reader = try IndexReader(site, input: 1)
    let count = shape.count
    return OperatorBody { arguments in
      guard let output = arguments.output(0, as: Element.self) else { return }
      output.update(from: arguments.input(0, as: Element.self), count: count)
      let (indices, updates) = (arguments.input(1, as: UInt8.self), arguments.input(2, as: Element.self))
      try walk.forEach { place, rest in
        let at = rest + (try reader.read(indices, place, limit: walk.limit)) * walk.step
        output[at] = combine(output[at], updates[place])
      }
    }
  }
}

/// ScatterND: a copy of the data with slices written at places that the last axis of the indices addresses.
struct ScatterNDOperator: ScatterOperator {
  let kinds: [OperatorKind] = ["ScatterND"]

  func traits(of kind: OperatorKind) -> OperatorTraits { .structured(.zero) }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let type = try site.input(0)
    let indices = try site.input(1, of: [.int64]).shape
    guard indices.rank >= 1, type.shape.rank >= 1, (0...type.shape.rank).contains(indices[indices.rank - 1])
    else {
      throw site.inputError(1, expected: "of at most \(type.shape.rank) coordinates each")
    }
    let updates = try site.shape(
      indices.dimensions.dropLast() + type.shape.dimensions.dropFirst(indices[indices.rank - 1]))
    guard try site.input(2) == TensorType(type.dataType, updates) else {
      throw site.inputError(2, expected: "\(TensorType(type.dataType, updates))")
    }
    return [type]
  }

  static func body<Element: NumericElement>(
    _ site: OperatorSite, _ shape: Shape, _ combine: @escaping @Sendable (Element, Element) -> Element
  ) throws -> OperatorBody {
    let indices = try site.input(1).shape
    let depth = indices[indices.rank - 1]
    let places = indices.dimensions.dropLast().reduce(1, *)
    let inner = shape.dimensions.dropFirst(depth).reduce(1, *)
    let reader = try IndexReader(site, input: 1)
    let (strides, shape) = (shape.strides, shape)
    return OperatorBody { arguments in
      guard let output = arguments.output(0, as: Element.self) else { return }
      output.update(from: arguments.input(0, as: Element.self), count: shape.count)
      let (source, updates) = (arguments.input(1, as: UInt8.self), arguments.input(2, as: Element.self))
      for place in 0..<places {
        var offset = 0
        for axis in 0..<depth {
          offset += try reader.read(source, place * depth + axis, limit: shape[axis]) * strides[axis]
        }
        for index in 0..<inner {
          output[offset + index] = combine(output[offset + index], updates[place * inner + index])
        }
      }
    }
  }
}
