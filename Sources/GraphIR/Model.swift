/// A trained network as loaded: the graph with its weights, and what its file says of itself. A value, never changed in place.
package struct Model: Sendable {
  package var graph: Graph
  package var metadata: Metadata

  package struct Metadata: Sendable, Hashable {
    /// The file's name without its folder.
    package var fileName: String
    /// The program that wrote the model, and its version.
    package var producer: String
    package var producerVersion: String
    package var irVersion: Int
    /// What the file says of the model: its version, the domain of its name, and texts for people about the model, its
    /// graph, and inputs and outputs by name.
    package var modelVersion = 0
    package var domain = ""
    package var documentation = ""
    package var graphDocumentation = ""
    package var valueDocumentation: [String: String] = [:]
    package var properties: [String: String]

    package init(
      fileName: String, producer: String = "", producerVersion: String = "", irVersion: Int = 8,
      properties: [String: String] = [:]
    ) {
      self.fileName = fileName
      self.producer = producer
      self.producerVersion = producerVersion
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
