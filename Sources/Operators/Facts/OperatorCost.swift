import GraphIR
import TensorCore

/// What one run of a node costs, as its shapes say.
package struct OperatorCost: Sendable {
  package let multiplyAdds: MultiplyAddCount
  /// Nanoseconds per element of the first output on one core, to weigh steps against each other; nil where it takes no
  /// longer than reading and writing the values.
  package let nanosecondsPerElement: Double?

  /// Of a function that the C library computes in float64, element by element.
  package static let scalarFunction = 4.0
  /// Of reading and writing values in the nearest caches.
  private static let nanosecondsPerByte = 0.15 / 8

  package init(multiplyAdds: MultiplyAddCount = .zero, nanosecondsPerElement: Double? = nil) {
    self.multiplyAdds = multiplyAdds
    self.nanosecondsPerElement = nanosecondsPerElement
  }

  /// Bytes that are read and written, each once.
  package func bytes(_ site: OperatorSite, outputs: [TensorType]) -> Int {
    site.inputs.reduce(0) { $0 + ($1?.byteCount ?? 0) } + outputs.reduce(0) { $0 + $1.byteCount }
  }

  /// A rough time of a node on one core.
  package func nanoseconds(_ site: OperatorSite, outputs: [TensorType]) -> Double {
    if let nanosecondsPerElement { return Double(outputs.first?.shape.count ?? 0) * nanosecondsPerElement }
    return Double(bytes(site, outputs: outputs)) * Self.nanosecondsPerByte
  }
}

/// How many multiply-adds a node performs.
///
/// Counted are products of matrices, convolutions, recurrent steps and both products of attention. Additions of biases,
/// elementwise functions, normalizations, pooling and softmax are not multiply-adds.
package enum MultiplyAddCount: Sendable {
  case zero
  /// By the shapes; nil where they do not tell.
  case counted(@Sendable (NodeShapes) -> Int?)
  /// It multiplies in a way that no rule counts, as the reason says.
  case uncounted(String)
}

/// A node with the shapes of what goes in and comes out, as far as they are known.
package struct NodeShapes: Sendable {
  package let node: Node
  package let inputs: [Shape?]
  package let outputs: [Shape?]

  package init(node: Node, inputs: [Shape?], outputs: [Shape?]) {
    self.node = node
    self.inputs = inputs
    self.outputs = outputs
  }

  package func input(_ index: Int) -> Shape? { inputs.indices.contains(index) ? inputs[index] : nil }

  /// The first output that is read.
  package var output: Shape? {
    zip(node.outputs, outputs).first { !$0.0.isEmpty }.flatMap(\.1)
  }
}
