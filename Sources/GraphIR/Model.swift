/// A trained network as loaded: the graph with its weights, and what its file says of itself. A value, never changed in place.
package struct Model: Sendable {
  package var graph: Graph
  package var metadata: Metadata

  package struct Metadata: Sendable, Hashable {
    /// The file's name without its folder.
    package var fileName: String
    package var producer: String
    package var irVersion: Int
    package var properties: [String: String]

    package init(
      fileName: String, producer: String = "", irVersion: Int = 8, properties: [String: String] = [:]
    ) {
      self.fileName = fileName
      self.producer = producer
      self.irVersion = irVersion
      self.properties = properties
    }
  }

  package init(graph: Graph, metadata: Metadata) {
    self.graph = graph
    self.metadata = metadata
  }

  /// Elements of all floating-point or quantized weights.
  package var parameterCount: Int {
    graph.initializers.values.reduce(0) { $0 + ($1.dataType.isFloatingPoint ? $1.shape.count : 0) }
  }
}
