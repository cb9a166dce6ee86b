import GraphIR
import TensorCore

/// Forward runs on calibration data, which Compression asks for and a higher layer performs.
package protocol ActivationSource: Sendable {
  /// Runs `graph` over the first `samples` of the calibration data, all where nil, and hands each named value's shape and float32 elements to `body`, batch by
  /// batch, always on the caller's thread and in the same order.
  /// - Throws: `CancellationError` when the task was cancelled, or what running the graph throws.
  func observe(
    _ values: Set<String>, of graph: Graph, samples: Int?,
    body: (String, Shape, UnsafeBufferPointer<Float>) -> Void
  ) throws
}

extension ActivationSource {
  /// Over all calibration data.
  package func observe(
    _ values: Set<String>, of graph: Graph, body: (String, Shape, UnsafeBufferPointer<Float>) -> Void
  ) throws {
    try observe(values, of: graph, samples: nil, body: body)
  }
}
