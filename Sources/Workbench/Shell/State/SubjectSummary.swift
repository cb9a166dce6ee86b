import Compression

/// What the header and the layer table say of the model and its surroundings; fixed while it is open.
package struct SubjectSummary: Sendable, Hashable {
  package var title: String
  package var parameters: Int
  package var originalBytes: Int
  /// Name and count of the evaluation data, such as "glyphs 5 000", or "seeded inputs" where there is none.
  package var data: String
  /// What accuracy means for this data, such as "top-1".
  package var metric: String
  /// CPU features in use, such as "AVX-512 VNNI".
  package var features: String
  /// Threads that share a timed run.
  package var threads: Int
  package var layers: [LayerSummary]

  package init(
    title: String, parameters: Int, originalBytes: Int, data: String, metric: String, features: String,
    threads: Int,
    layers: [LayerSummary]
  ) {
    self.title = title
    self.parameters = parameters
    self.originalBytes = originalBytes
    self.data = data
    self.metric = metric
    self.features = features
    self.threads = threads
    self.layers = layers
  }
}

/// One compressible layer as the original has it.
package struct LayerSummary: Sendable, Hashable {
  package var name: String
  package var kind: String
  package var parameters: Int
  package var bytes: Int
  /// Bits of its weights in the file, where they are not 32.
  package var storedBits: String?

  package init(name: String, kind: String, parameters: Int, bytes: Int, storedBits: String? = nil) {
    self.name = name
    self.kind = kind
    self.parameters = parameters
    self.bytes = bytes
    self.storedBits = storedBits
  }

  package var shortName: String { LayerName.short(name) }
}
