import GraphIR
import TensorCore

/// Loop: runs the nested graph `body` up to M times, while a condition holds.
///
/// Inputs: M and the first condition (each optional), then the carried values. The body takes the iteration's number, the
/// condition and the carried values; it gives the next condition, the carried values, and values that are stacked.
struct LoopOperator: DynamicOperator {
  let kinds: [OperatorKind] = ["Loop"]

  func traits(of kind: OperatorKind) -> OperatorTraits { .dynamic("it runs graphs of its own", .runsGraphs) }

  func evaluate(_ call: OperatorCall) throws -> [RuntimeValue?] {
    let body = try call.graph("body")
    let limit = try call.optionalInput(0) == nil ? Int.max : call.integer(0)
    var goesOn = try call.optionalInput(1) == nil ? true : call.boolean(1)
    var carried = try call.inputs.indices.dropFirst(2).map { try call.input($0) }
    let stackedCount = body.outputs.count - 1 - carried.count
    guard body.inputs.count == carried.count + 2, stackedCount >= 0 else {
      throw call.graphError(
        "body", expected: "\(carried.count + 2) inputs and at least \(carried.count + 1) outputs",
        found: "\(body.inputs.count) and \(body.outputs.count)")
    }
    var stacks = [StackedOutput](repeating: StackedOutput(), count: stackedCount)
    var iteration = 0
    while goesOn, iteration < limit {
      let number = try Self.scalar(Int64(iteration), as: body.inputs[0])
      let condition = try Self.scalar(true, as: body.inputs[1])
      let results = try call.runGraph(body, [.tensor(number), .tensor(condition)] + carried)
      guard case .tensor(let next) = results[0], next.dataType == .bool, next.count == 1 else {
        throw call.graphError("body", expected: "a Boolean first", found: results[0].summary)
      }
      goesOn = next.integers[0] != 0
      carried = Array(results[1...carried.count])
      for (index, value) in results.dropFirst(1 + carried.count).enumerated() {
        try stacks[index].append(value, call)
      }
      iteration += 1
    }
    let infos = body.outputs.suffix(stackedCount)
    return carried + (try zip(stacks, infos).map { .tensor(try $0.tensor(axis: 0, declared: $1, call)) })
  }

  /// One value in the shape that the body declares: a scalar, or a list of one.
  private static func scalar<Element: TensorElement>(_ value: Element, as info: ValueInfo) throws -> Tensor {
    try Tensor(scalar: value).reshaped(to: info.dimensions?.count == 1 ? [1] : [])
  }
}

/// Values of many iterations that become one tensor.
struct StackedOutput {
  private var pieces: [Tensor] = []
  private var byteCount = 0

  mutating func append(_ value: RuntimeValue, _ call: OperatorCall) throws {
    guard case .tensor(let tensor) = value else {
      throw call.graphError("body", expected: "tensors to stack", found: value.summary)
    }
    byteCount += tensor.byteCount
    guard byteCount <= OperatorLimits.largestValueBytes else {
      throw OperatorError.tooLarge(
        kind: call.node.kind, node: call.node.name, shape: [pieces.count + 1] + tensor.shape.dimensions,
        limit: OperatorLimits.largestValueBytes)
    }
    pieces.append(tensor)
  }

  mutating func reverse() { pieces.reverse() }

  /// The pieces along a new axis; where there are none, an empty tensor of the declared type.
  func tensor(axis: Int, declared: ValueInfo, _ call: OperatorCall) throws -> Tensor {
    if pieces.isEmpty {
      var dimensions = (declared.dimensions ?? []).map { if case .fixed(let size) = $0 { size } else { 0 } }
      dimensions.insert(0, at: min(axis, dimensions.count))
      return try Tensor(
        shape: Shape(dimensions), dataType: declared.dataType, storage: TensorStorage(byteCount: 0) { _ in })
    }
    guard axis <= pieces[0].shape.rank, let result = try TensorPieces.stacked(pieces, axis: axis) else {
      throw call.graphError(
        "body", expected: "the same type and shape from every iteration for \"\(declared.name)\"",
        found: "others")
    }
    return result
  }
}
