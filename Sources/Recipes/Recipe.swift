/// What to do with a model: settings for all layers, and what single layers do differently.
///
/// Undo, sweeps, search, sessions and exports all speak recipes. The identity recipe leaves the model as it is.
package struct Recipe: Hashable, Sendable {
  package var model: LayerSettings
  /// Settings that replace the model's, by layer name.
  package var layers: [String: LayerOverride]

  package init(model: LayerSettings = LayerSettings(), layers: [String: LayerOverride] = [:]) {
    self.model = model
    self.layers = layers
  }

  package static let identity = Recipe()

  /// What applies to a layer once its overrides are laid over the model's settings.
  package func settings(for layer: String) -> LayerSettings {
    layers[layer]?.laid(over: model) ?? model
  }
}
