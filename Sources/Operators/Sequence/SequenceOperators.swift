import GraphIR
import TensorCore

/// SequenceEmpty: a sequence of nothing.
struct SequenceEmptyOperator: DynamicOperator {
  let kinds: [OperatorKind] = ["SequenceEmpty"]

  func traits(of kind: OperatorKind) -> OperatorTraits { .dynamic("sequences are not followed") }

  func evaluate(_ call: OperatorCall) throws -> [RuntimeValue?] { [.sequence([])] }
}

/// SequenceConstruct: its inputs as a sequence.
struct SequenceConstructOperator: DynamicOperator {
  let kinds: [OperatorKind] = ["SequenceConstruct"]

  func traits(of kind: OperatorKind) -> OperatorTraits { .dynamic("sequences are not followed") }

  func evaluate(_ call: OperatorCall) throws -> [RuntimeValue?] {
    [.sequence(try call.inputs.indices.map { try call.input($0) })]
  }
}

/// SequenceAt, SequenceErase and SequenceInsert: at a place counted from the end where negative, by default the last (to
/// erase) or behind the last (to insert).
struct SequencePlaceOperator: DynamicOperator {
  let kinds: [OperatorKind] = ["SequenceAt", "SequenceErase", "SequenceInsert"]

  func traits(of kind: OperatorKind) -> OperatorTraits { .dynamic("sequences are not followed") }

  func evaluate(_ call: OperatorCall) throws -> [RuntimeValue?] {
    var members = try call.sequence(0)
    switch call.node.kind.type {
    case "SequenceAt":
      return [members[try place(call, 1, limit: members.count)]]
    case "SequenceErase":
      members.remove(
        at: call.optionalInput(1) == nil
          ? try last(call, members) : try place(call, 1, limit: members.count))
    default:
      let value = try call.input(1)
      let at =
        call.optionalInput(2) == nil
        ? members.count : try place(call, 2, limit: members.count + 1, from: members.count)
      members.insert(value, at: at)
    }
    return [.sequence(members)]
  }

  private func last(_ call: OperatorCall, _ members: [RuntimeValue]) throws -> Int {
    guard let last = members.indices.last else { throw call.inputError(0, expected: "not empty") }
    return last
  }

  private func place(_ call: OperatorCall, _ index: Int, limit: Int, from end: Int? = nil) throws -> Int {
    let given = try call.integer(index)
    let place = given < 0 ? given &+ (end ?? limit) : given
    guard (0..<limit).contains(place) else {
      throw OperatorError.index(kind: call.node.kind, node: call.node.name, found: given, limit: limit)
    }
    return place
  }
}

/// SequenceLength.
struct SequenceLengthOperator: DynamicOperator {
  let kinds: [OperatorKind] = ["SequenceLength"]

  func traits(of kind: OperatorKind) -> OperatorTraits { .dynamic("sequences are not followed") }

  func evaluate(_ call: OperatorCall) throws -> [RuntimeValue?] {
    [.tensor(Tensor(scalar: Int64(try call.sequence(0).count)))]
  }
}

/// ConcatFromSequence: the members along an axis, or along a new one.
struct ConcatFromSequenceOperator: DynamicOperator {
  let kinds: [OperatorKind] = ["ConcatFromSequence"]

  func traits(of kind: OperatorKind) -> OperatorTraits { .dynamic("sequences are not followed") }

  func evaluate(_ call: OperatorCall) throws -> [RuntimeValue?] {
    let members = try call.sequence(0).map { member in
      guard let tensor = member.tensor else { throw call.inputError(0, expected: "a sequence of tensors") }
      return tensor
    }
    let site = OperatorSite(node: call.node, opset: call.opset, inputs: [], constants: [])
    let isNew = try site.flag("new_axis")
    guard let first = members.first, let given = try site.int("axis") else {
      throw call.inputError(0, expected: "not empty, with an axis given")
    }
    let axis = try site.axis(given, rank: first.shape.rank + (isNew ? 1 : 0))
    let joined =
      try isNew ? TensorPieces.stacked(members, axis: axis) : TensorPieces.joined(members, axis: axis)
    guard let joined else {
      throw call.inputError(0, expected: "of tensors alike but for axis \(axis)")
    }
    return [.tensor(joined)]
  }
}

/// SplitToSequence: pieces along an axis, of one size (the last may be smaller), of listed sizes, or of one each (whose
/// axis goes away unless `keepdims`).
struct SplitToSequenceOperator: DynamicOperator {
  let kinds: [OperatorKind] = ["SplitToSequence"]

  func traits(of kind: OperatorKind) -> OperatorTraits { .dynamic("sequences are not followed") }

  func evaluate(_ call: OperatorCall) throws -> [RuntimeValue?] {
    let tensor = try call.tensor(0)
    let site = OperatorSite(node: call.node, opset: call.opset, inputs: [], constants: [])
    let axis = try site.axis(try site.int("axis", default: 0), rank: tensor.shape.rank)
    let length = tensor.shape[axis]
    guard let split = try call.optionalTensor(1) else {
      let keeps = try site.flag("keepdims", default: true)
      return [
        .sequence(
          try (0..<length).map { index in
            .tensor(
              keeps
                ? try TensorPieces.part(tensor, axis: axis, range: index..<index + 1)
                : try TensorPieces.element(tensor, axis: axis, index: index))
          })
      ]
    }
    var sizes = split.integers
    guard split.shape.rank <= 1, sizes.allSatisfy({ $0 >= 0 && $0 <= max(length, Int(Int32.max)) }) else {
      throw call.inputError(1, expected: "sizes of at least 0")
    }
    if split.shape.rank == 0 {
      guard let size = sizes.first, size > 0 else { throw call.inputError(1, expected: "a size above 0") }
      sizes = stride(from: 0, to: length, by: size).map { min(size, length - $0) }
    }
    guard sizes.reduce(0, +) == length else {
      throw call.inputError(1, expected: "sizes that add up to \(length)")
    }
    var start = 0
    return [
      .sequence(
        try sizes.map { size in
          defer { start += size }
          return .tensor(try TensorPieces.part(tensor, axis: axis, range: start..<start + size))
        })
    ]
  }
}

/// Optional, OptionalHasElement and OptionalGetElement. A plain value counts as an optional that holds it.
struct OptionalOperator: DynamicOperator {
  let kinds: [OperatorKind] = ["Optional", "OptionalHasElement", "OptionalGetElement"]

  func traits(of kind: OperatorKind) -> OperatorTraits { .dynamic("optional values are not followed") }

  func evaluate(_ call: OperatorCall) throws -> [RuntimeValue?] {
    let given = call.optionalInput(0)
    switch call.node.kind.type {
    case "Optional": return [.optional(given)]
    case "OptionalHasElement":
      if case .optional(nil)? = given { return [.tensor(Tensor(scalar: false))] }
      return [.tensor(Tensor(scalar: given != nil))]
    default:
      guard case .optional(let content)? = given else { return [try call.input(0)] }
      guard let content else { throw call.inputError(0, expected: "an optional that holds something") }
      return [content]
    }
  }
}
