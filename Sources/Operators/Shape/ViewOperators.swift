import GraphIR
import Kernels
import TensorCore

/// Operators that only change the shape, or the type; their traits promise `.view`.
protocol ViewOperator: Operator {}

extension ViewOperator {
  package func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody
  {
    viewBody(byteCount: outputs[0].byteCount)
  }
}

/// Identity, of sequences and optionals too.
struct IdentityOperator: ViewOperator {
  let kinds: [OperatorKind] = ["Identity"]

  func traits(of kind: OperatorKind) -> OperatorTraits {
    .pointwise(.all, .of { _, _, g in g }, promises: [.view, .homogeneous])
  }

  func infer(_ site: OperatorSite) throws -> [TensorType] { [try site.input(0)] }

  func evaluate(_ call: OperatorCall) throws -> [RuntimeValue?] { [try call.input(0)] }
}

/// Dropout for inference: the input, and a mask that keeps everything where it is asked for.
struct DropoutOperator: Operator {
  let kinds: [OperatorKind] = ["Dropout"]

  func traits(of kind: OperatorKind) -> OperatorTraits {
    .pointwise(.only([0]), .of { _, _, g in g }, promises: .homogeneous)
  }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let type = try site.input(0)
    if site.opset >= 12, let training = try site.constant(2), training.integers.contains(where: { $0 != 0 }) {
      // A ratio of zero drops nothing; 0.5 is the default.
      guard try site.constant(1)?.doubles.first == 0 else {
        throw site.inputError(2, expected: "false (inference)")
      }
    }
    return [type, TensorType(site.opset < 10 ? type.dataType : .bool, type.shape)]
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    let copy = viewBody(byteCount: outputs[0].byteCount)
    guard outputs.count > 1 else { return copy }
    let type = outputs[1].dataType
    let one = type == .bool ? Tensor(scalar: true) : try Tensor(shape: [], floats: [1], as: type)
    let (count, width) = (outputs[1].shape.count, type.byteCount)
    return OperatorBody { arguments in
      try copy.run(arguments)
      guard let mask = arguments.outputs[1], let kept = one.bytes.baseAddress else { return }
      for index in 0..<count { (mask + index * width).copyMemory(from: kept, byteCount: width) }
    }
  }
}

/// Reshape: 0 keeps a dimension (or, with `allowzero`, means none), a single -1 takes what is left.
struct ReshapeOperator: ViewOperator {
  let kinds: [OperatorKind] = ["Reshape"]

  func traits(of kind: OperatorKind) -> OperatorTraits { .structured(.zero, promises: [.view, .picks]) }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let type = try site.input(0)
    guard let wanted = try site.constantIntegers(1) else {
      throw OperatorError.missingInput(kind: site.kind, node: site.node.name, input: 1)
    }
    let allowsZero = try site.flag("allowzero")
    func refused() -> OperatorError {
      .input(
        kind: site.kind, node: site.node.name, input: 1, expected: "a shape of \(type.shape.count) elements",
        found: "\(wanted) for \(type.shape)")
    }
    var dimensions = try wanted.enumerated().map { axis, value in
      guard value == 0, !allowsZero else { return value }
      guard axis < type.shape.rank else { throw refused() }
      return type.shape[axis]
    }
    if let free = dimensions.firstIndex(of: -1) {
      dimensions[free] = 1
      guard let rest = Shape.elementCount(dimensions), rest > 0, type.shape.count % rest == 0 else {
        throw refused()
      }
      dimensions[free] = type.shape.count / rest
    }
    guard Shape.elementCount(dimensions) == type.shape.count else { throw refused() }
    return [TensorType(type.dataType, try site.shape(dimensions))]
  }
}

/// Flatten into a matrix: axes before `axis` become rows, the others columns.
struct FlattenOperator: ViewOperator {
  let kinds: [OperatorKind] = ["Flatten"]

  func traits(of kind: OperatorKind) -> OperatorTraits { .structured(.zero, promises: [.view, .picks]) }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let type = try site.input(0)
    let given = try site.int("axis", default: 1)
    // One past the last axis is allowed here.
    let axis = given == type.shape.rank ? given : try site.axis(given, rank: type.shape.rank)
    let (rows, columns) = (type.shape.dimensions[..<axis], type.shape.dimensions[axis...])
    let sizes = try [rows, columns].map { try site.shape(Array($0)).count }
    return [TensorType(type.dataType, try site.shape(sizes))]
  }
}

/// Squeeze: removes axes of size 1, those listed (attribute, or input from opset 13) or all.
struct SqueezeOperator: ViewOperator {
  let kinds: [OperatorKind] = ["Squeeze"]

  func traits(of kind: OperatorKind) -> OperatorTraits { .structured(.zero, promises: [.view, .picks]) }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let type = try site.input(0)
    let shape = type.shape
    let listed = try site.constantIntegers(1) ?? site.ints("axes")
    let axes =
      try listed.map { try site.axes($0, rank: shape.rank) }
      ?? shape.dimensions.indices.filter { shape[$0] == 1 }
    for axis in axes where shape[axis] != 1 {
      throw site.inputError(0, expected: "of size 1 along axis \(axis)")
    }
    let kept = shape.dimensions.indices.filter { !axes.contains($0) }.map { shape[$0] }
    return [TensorType(type.dataType, try site.shape(kept))]
  }
}

/// Unsqueeze: inserts axes of size 1 at the places listed (attribute, or input from opset 13) of the output.
struct UnsqueezeOperator: ViewOperator {
  let kinds: [OperatorKind] = ["Unsqueeze"]

  func traits(of kind: OperatorKind) -> OperatorTraits { .structured(.zero, promises: [.view, .picks]) }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let type = try site.input(0)
    guard let listed = try site.constantIntegers(1) ?? site.ints("axes") else {
      throw site.attributeError("axes", expected: "given", found: "absent")
    }
    let rank = type.shape.rank + listed.count
    let axes = Set(try site.axes(listed, rank: rank))
    var rest = type.shape.dimensions.makeIterator()
    let dimensions = (0..<rank).map { axes.contains($0) ? 1 : rest.next() ?? 1 }
    return [TensorType(type.dataType, try site.shape(dimensions))]
  }
}
