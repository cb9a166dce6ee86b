import GraphIR
import Recipes

/// What became of a model under a recipe: an ordinary graph, and per layer what was done and why something was not.
///
/// - Pruned weights are zeros; structured pruning leaves smaller tensors.
/// - Quantized weights are `Weight.quantized`, float16 ones dense float16 tensors.
/// - 8-bit activations are `QuantizeLinear` -> `DequantizeLinear` pairs in front of the layer.
/// - A factorized layer is two nodes, named `NAME/rank0` and `NAME/rank1`.
package struct CompressedModel: Sendable {
  package let model: Model
  package let recipe: Recipe
  package let layers: [CompressedLayer]
  /// Everything stored, layers and the rest; the original's bytes in the same form.
  package let size: ModelSize

  package init(model: Model, recipe: Recipe, layers: [CompressedLayer], size: ModelSize) {
    self.model = model
    self.recipe = recipe
    self.layers = layers
    self.size = size
  }
}

/// One compressible layer of the original and what stands for it now.
package struct CompressedLayer: Sendable, Hashable {
  /// The original layer's name.
  package let name: String
  /// Names of the nodes that compute it now.
  package let nodes: [String]
  package let size: LayerSize
  /// What a setting failed to do here, each a short phrase such as "rank 64 of 80 saves nothing at 120x84".
  package let remarks: [String]

  package init(name: String, nodes: [String], size: LayerSize, remarks: [String]) {
    self.name = name
    self.nodes = nodes
    self.size = size
    self.remarks = remarks
  }
}

/// Exact bytes of a layer as stored: packed weights, scales, zero points, masks and biases.
package struct LayerSize: Sendable, Hashable, Codable {
  package let originalBytes: Int
  package let bytes: Int
  /// Weights that are stored, both factors of a pair; biases not counted.
  package let parameters: Int
  package let nonzeros: Int
  /// "dense" or "bitmask", whichever is smaller.
  package let form: String

  package init(originalBytes: Int, bytes: Int, parameters: Int, nonzeros: Int, form: String) {
    self.originalBytes = originalBytes
    self.bytes = bytes
    self.parameters = parameters
    self.nonzeros = nonzeros
    self.form = form
  }
}
