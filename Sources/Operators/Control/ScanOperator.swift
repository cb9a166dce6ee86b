import GraphIR
import TensorCore

/// Scan: runs the nested graph `body` for every element along an axis of the scanned inputs, carrying states along.
///
/// From opset 9 on each scanned input and output has an axis and a direction of its own. In opset 8 all have a leading
/// batch axis, the sequence runs along the second, and `sequence_lens` must be omitted.
struct ScanOperator: DynamicOperator {
  let kinds: [OperatorKind] = ["Scan"]

  func traits(of kind: OperatorKind) -> OperatorTraits { .dynamic("it runs graphs of its own", .runsGraphs) }

  func evaluate(_ call: OperatorCall) throws -> [RuntimeValue?] {
    guard call.opset < 9 else {
      return try scan(call, inputs: call.inputs.indices.map { try call.tensor($0) }).map { .tensor($0) }
    }
    guard call.optionalInput(0) == nil else { throw call.inputError(0, expected: "omitted") }
    let inputs = try call.inputs.indices.dropFirst().map { try call.tensor($0) }
    guard let batch = inputs.first.flatMap({ $0.shape.rank > 0 ? $0.shape[0] : nil }), batch > 0,
      inputs.allSatisfy({ $0.shape.rank > 0 && $0.shape[0] == batch })
    else { throw call.inputError(1, expected: "of the same batch as the others, not empty") }
    let results = try (0..<batch).map { sample in
      try scan(call, inputs: inputs.map { try TensorPieces.element($0, axis: 0, index: sample) })
    }
    return try results[0].indices.map { index in
      .tensor(try TensorPieces.stacked(results.map { $0[index] }, axis: 0) ?? results[0][index])
    }
  }

  private func scan(_ call: OperatorCall, inputs: [Tensor]) throws -> [Tensor] {
    let body = try call.graph("body")
    let site = OperatorSite(node: call.node, opset: call.opset, inputs: [], constants: [])
    let scannedCount = try site.int("num_scan_inputs", default: 0)
    guard (1...max(inputs.count, 1)).contains(scannedCount), !inputs.isEmpty else {
      throw site.attributeError(
        "num_scan_inputs", expected: "1 to \(inputs.count)", found: "\(scannedCount)")
    }
    let stateCount = inputs.count - scannedCount
    let stackedCount = body.outputs.count - stateCount
    guard body.inputs.count == inputs.count, stackedCount >= 0 else {
      throw call.graphError(
        "body", expected: "\(inputs.count) inputs, of which \(scannedCount) are scanned",
        found: "\(body.inputs.count) inputs and \(body.outputs.count) outputs")
    }
    let directions = try site.ints(
      call.opset < 9 ? "directions" : "scan_input_directions", count: scannedCount, in: 0...1, default: 0)
    let outputDirections = try site.ints(
      "scan_output_directions", count: stackedCount, in: 0...1, default: 0)
    let scanned = inputs.suffix(scannedCount).map { $0 }
    let given = try site.ints("scan_input_axes") ?? [Int](repeating: 0, count: scannedCount)
    guard given.count == scannedCount else {
      throw site.attributeError("scan_input_axes", expected: "\(scannedCount) axes", found: "\(given)")
    }
    let axes = try zip(given, scanned).map { try site.axis($0, rank: $1.shape.rank, name: "scan_input_axes") }
    let length = scanned[0].shape[axes[0]]
    guard zip(scanned, axes).allSatisfy({ $0.shape[$1] == length }) else {
      throw call.inputError(stateCount, expected: "as long as the other scanned inputs")
    }
    var states = inputs.prefix(stateCount).map { RuntimeValue.tensor($0) }
    var stacks = [StackedOutput](repeating: StackedOutput(), count: stackedCount)
    for step in 0..<length {
      let elements = try scanned.indices.map { index in
        RuntimeValue.tensor(
          try TensorPieces.element(
            scanned[index], axis: axes[index], index: directions[index] == 1 ? length - 1 - step : step))
      }
      let results = try call.runGraph(body, states + elements)
      states = Array(results.prefix(stateCount))
      for (index, value) in results.dropFirst(stateCount).enumerated() {
        try stacks[index].append(value, call)
      }
    }
    let outputAxes = try site.ints("scan_output_axes") ?? [Int](repeating: 0, count: stackedCount)
    guard outputAxes.count == stackedCount else {
      throw site.attributeError("scan_output_axes", expected: "\(stackedCount) axes", found: "\(outputAxes)")
    }
    let stacked = try stacks.indices.map { index in
      if outputDirections[index] == 1 { stacks[index].reverse() }
      let info = body.outputs[stateCount + index]
      let rank = (info.dimensions?.count ?? 0) + 1
      let axis = outputAxes[index] < 0 ? outputAxes[index] + rank : outputAxes[index]
      guard axis >= 0 else {
        throw site.attributeError("scan_output_axes", expected: "axes of the outputs", found: "\(outputAxes)")
      }
      return try stacks[index].tensor(axis: axis, declared: info, call)
    }
    return try states.map { value in
      guard let tensor = value.tensor else {
        throw call.graphError("body", expected: "tensors as states", found: value.summary)
      }
      return tensor
    } + stacked
  }
}
