import GraphIR
import ModelFormats
import Operators
import TensorCore

/// Checks a model that is to be written as another runtime would: its graph as ONNX declares it, and every shape by
/// inference under the sizes that the model was compressed with.
struct ExportCheck {
  /// The inputs as they are written.
  let open: [ValueInfo]
  /// The same with numbers for what is open beside the samples.
  let bound: [ValueInfo]

  /// Constants that shapes may be made of; larger ones are weights.
  private static let largestFoldedBytes = 1 << 16

  /// - Returns: the model, with a type for each output whose file declared none.
  /// - Throws: `GraphFault`, `GraphError` or `OperatorError` naming the node at fault.
  func checked(_ stored: StoredModel) throws -> StoredModel {
    let graph = stored.model.graph
    try GraphCheck.check(graph)
    let types = try types(graph)
    guard graph.outputs.contains(where: { $0.dimensions == nil && $0.wrapping.isEmpty }) else {
      return stored
    }
    let kinds = GraphKinds(inferring: graph)
    let other = numbers(samples: 3, scale: 2).flatMap { try? infer(graph, $0) }
    let outputs = graph.outputs.map { output in
      guard output.dimensions == nil, output.wrapping.isEmpty else { return output }
      var output = output
      if let kind = kinds[output.name] { (output.dataType, output.wrapping) = (kind.dataType, kind.wrapping) }
      if let shape = types?.types[output.name]?.shape {
        let second = other?.types[output.name]?.shape
        output.dimensions = shape.dimensions.enumerated().map { axis, size in
          second?.rank == shape.rank && second?[axis] == size ? .fixed(size) : .symbolic("")
        }
      }
      return output
    }
    return stored.declaring(outputs)
  }

  /// Nil where an operator is not known, behind which nothing can be said.
  private func types(_ graph: Graph) throws -> InferredTypes? {
    do {
      // With one sample some shapes fit that do not with two, and some graphs take one sample alone.
      guard let two = numbers(samples: 2, scale: 1), let types = try? infer(graph, two) else {
        return try infer(graph, numbers(samples: 1, scale: 1) ?? [:])
      }
      return types
    } catch let error as OperatorError {
      if case .unsupported = error { return nil }
      throw error
    }
  }

  private func infer(_ graph: Graph, _ numbers: [String: Int]) throws -> InferredTypes {
    try ShapeInference.inferTypes(
      graph: graph, dimensions: numbers, allowsUnknown: true,
      largestFoldedBytes: ExportCheck.largestFoldedBytes)
  }

  /// Numbers for all open dimensions: those that the model was compressed with times `scale`, and `samples`. Nil where
  /// nothing is open that could differ.
  private func numbers(samples: Int, scale: Int) -> [String: Int]? {
    var numbers: [String: Int] = [:]
    for (input, fixed) in zip(open, bound) {
      for (axis, dimension) in (input.dimensions ?? []).enumerated() {
        guard case .symbolic(let name) = dimension else { continue }
        let shown = name.isEmpty ? "\(input.name).\(axis)" : name
        if case .fixed(let size)? = fixed.dimensions?[axis] {
          numbers[shown] = size * scale
        } else {
          numbers[shown] = samples
        }
      }
    }
    return numbers
  }
}
