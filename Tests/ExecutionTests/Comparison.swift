import Execution
import GraphIR
import Kernels
import Operators
import TensorCore
import Testing

/// Runs a graph by the reference runner and by plans, and compares all outputs.
enum Comparison {
  static func reference(_ graph: Graph, _ data: [String: Tensor]) throws -> [String: Tensor] {
    try ReferenceRunner(table: .for(.portable)).run(graph, inputs: data)
  }

  /// Expects plans of every feature level to agree with the reference to `tolerance` of the largest magnitude.
  @discardableResult
  static func check(
    _ graph: Graph, _ data: [String: Tensor], options: PlanOptions = PlanOptions(), tolerance: Float = 2e-5,
    label: String = "", location: SourceLocation = #_sourceLocation
  ) throws -> ExecutionPlan {
    let expected = try reference(graph, data)
    var last: ExecutionPlan?
    for level in CPUFeatureLevel.available {
      var options = options
      options.level = level
      let plan = try ExecutionPlan(graph: graph, options: options)
      let context = plan.makeContext()
      // Twice: what the first run leaves in the arena must not matter.
      for _ in 0..<2 {
        let found = try plan.run(data, in: context)
        expect(found, expected, tolerance, "\(label) \(level)", location)
      }
      last = plan
    }
    return try #require(last, sourceLocation: location)
  }

  static func expect(
    _ found: [String: Tensor], _ expected: [String: Tensor], _ tolerance: Float, _ label: String,
    _ location: SourceLocation
  ) {
    #expect(Set(found.keys) == Set(expected.keys), sourceLocation: location)
    for (name, tensor) in expected {
      guard let other = found[name] else { continue }
      #expect(other.shape == tensor.shape, "\(label) \(name)", sourceLocation: location)
      let difference = largestDifference(other.floats, tensor.floats)
      let magnitude = max(1, tensor.floats.map(abs).filter(\.isFinite).max() ?? 0)
      #expect(
        difference <= tolerance * magnitude, "\(label) \(name) differs by \(difference) of \(magnitude)",
        sourceLocation: location)
    }
  }

  /// Infinite where one is NaN and the other is not.
  static func largestDifference(_ left: [Float], _ right: [Float]) -> Float {
    guard left.count == right.count else { return .infinity }
    var largest: Float = 0
    for (a, b) in zip(left, right) where a != b && !(a.isNaN && b.isNaN) {
      let difference = abs(a - b)
      largest = difference.isNaN ? .infinity : max(largest, difference)
    }
    return largest
  }
}

extension ExecutionPlan {
  /// Names of the steps, for tests of what was fused.
  var titles: [String] { steps.map(\.name) }
}
