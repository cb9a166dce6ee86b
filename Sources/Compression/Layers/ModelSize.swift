import GraphIR
import TensorCore

/// Exact bytes of everything a model stores: layers, and what is no layer (embeddings, normalizations, constants).
package struct ModelSize: Sendable, Hashable, Codable {
  package let bytes: Int
  /// The same measure of the original.
  package let originalBytes: Int
  /// Elements of floating-point and quantized constants.
  package let parameters: Int
  package let nonzeros: Int

  package init(bytes: Int, originalBytes: Int, parameters: Int, nonzeros: Int) {
    self.bytes = bytes
    self.originalBytes = originalBytes
    self.parameters = parameters
    self.nonzeros = nonzeros
  }
}

extension Graph {
  /// All constants in the form in which they are stored, one after the other in the order of their names: a large
  /// model's are never in memory together.
  package func forEachStoredConstant(_ body: ([UInt8]) throws -> Void) rethrows {
    for (_, weight) in initializers.sorted(by: { $0.key < $1.key }) {
      var bytes: [UInt8] = []
      WeightStorage.append(weight, to: &bytes)
      try body(bytes)
    }
  }

  /// The bytes of all constants in the form in which they are stored, which is what `ModelSize.bytes` says.
  package var storedByteCount: Int { initializers.values.reduce(0) { $0 + WeightStorage.measure($1).bytes } }

  /// What `forEachStoredConstant` gives, in one piece.
  package var storedBytes: [UInt8] {
    var bytes: [UInt8] = []
    forEachStoredConstant { bytes += $0 }
    return bytes
  }
}

extension CompressedModel {
  /// The packed stream of everything stored, which a caller may deflate.
  package var storedBytes: [UInt8] { model.graph.storedBytes }
}
