import GraphIR
import Recipes
import TensorCore

/// Turns a model and recipes into compressed models, pass by pass and layer by layer, keeping every finished layer so
/// that another recipe redoes only what differs. Safe to use from several tasks at once.
package final class Compressor: Sendable {
  package let model: Model
  package let catalog: LayerCatalog
  private let activations: (any ActivationSource)?
  private let caches: LayerCaches
  private let channels: Deferred<ChannelAnalysis>
  /// Every constant of the original as stored.
  private let originals: [String: StoredWeight]
  private let originalBytes: Int

  /// - Parameters:
  ///   - model: as opened; every compressed model is made from it.
  ///   - activations: runs on calibration data, which 8-bit activations need; nil where there are no data.
  package init(model: Model, activations: (any ActivationSource)? = nil) {
    self.model = model
    self.activations = activations
    let catalog = LayerCatalog(model.graph)
    self.catalog = catalog
    channels = Deferred { try ChannelAnalyzer.analyze(model.graph, catalog: catalog) }
    originals = model.graph.initializers.mapValues(WeightStorage.measure)
    originalBytes = originals.values.reduce(0) { $0 + $1.bytes }
    caches = LayerCaches(modelBytes: originalBytes)
  }

  /// The model under a recipe. The identity recipe leaves the graph as it is.
  /// - Parameters:
  ///   - recipe: for the model and its layers by name.
  ///   - progress: told of each layer that a slow method takes up.
  /// - Throws: `RecipeError`, `CompressionError`, `CancellationError` between layers, or what the calibration run throws.
  package func compress(
    _ recipe: Recipe, progress: CompressionProgress.Handler? = nil
  ) throws -> CompressedModel {
    let recipe = catalog.renaming(recipe)
    try SettingCatalog.standard.validate(recipe, layers: catalog.names)
    var work = try start(recipe)
    for pass in CompressionPipeline.shaping {
      try apply(pass, to: &work, unquantized: work.unquantized, progress)
    }
    let unquantized = work.unquantized
    for pass in CompressionPipeline.quantizing {
      try apply(pass, to: &work, unquantized: unquantized, progress)
    }
    return finish(work, recipe: recipe)
  }

  /// The layers with the settings that apply to them, and remarks where those asked for do not.
  private func start(_ recipe: Recipe) throws -> CompressionWork {
    var work = CompressionWork(graph: model.graph)
    for layer in catalog.layers {
      var settings = recipe.settings(for: layer.name)
      if let obstacle = layer.obstacle {
        if !settings.isIdentity { work.remarks[layer.name, default: []].append(obstacle) }
        settings = LayerSettings()
      } else if let owner = catalog.layers.first(where: { $0.weightName == layer.weightName }),
        owner.name != layer.name
      {
        let owned = recipe.settings(for: owner.name)
        if owned != settings {
          work.remarks[layer.name, default: []].append(
            "shares its weight with \(owner.name), whose settings apply")
        }
        settings = owned
      }
      if layer.name == catalog.layers.first?.name || layer.name == catalog.layers.last?.name {
        settings = settings.firstLastBits.applied(to: settings)
      }
      let idle = settings.idleMethods
      if layer.obstacle == nil, !idle.isEmpty { work.remarks[layer.name, default: []] += idle }
      let possible = layer.possible(settings)
      settings = possible.settings
      if !possible.remarks.isEmpty { work.remarks[layer.name, default: []] += possible.remarks }
      if !settings.isIdentity { try checkFinite(layer) }
      work.settings[layer.name] = settings
      work.origins[layer.name] = layer.name
      work.states[layer.weightName] = LayerState(weight: layer.weightName)
    }
    return work
  }

  private func apply(
    _ pass: any CompressionPass, to work: inout CompressionWork, unquantized: UnquantizedGraph,
    _ progress: CompressionProgress.Handler?
  ) throws {
    try Task.checkCancellation()
    let layers = work.layers
    guard layers.contains(where: { !$0.settings.isIdentity }) else { return }
    let channels = work.isWhole ? channels : work.channels
    try work.apply(
      pass.run(
        PassContext(
          graph: work.graph, layers: layers, unquantized: unquantized, channels: channels, caches: caches,
          activations: activations, progress: progress)))
  }

  private func checkFinite(_ layer: Layer) throws {
    guard let weight = model.graph.initializers[layer.weightName] else { return }
    guard caches.finite.value(for: layer.weightName, make: { weight.isFinite }) else {
      throw CompressionError.nonFiniteWeight(layer: layer.name, weight: layer.weightName)
    }
  }

  private func finish(_ work: CompressionWork, recipe: Recipe) -> CompressedModel {
    var compressed = model
    compressed.graph = work.graph
    var measured: [String: StoredWeight] = [:]
    for (name, weight) in work.graph.initializers {
      measured[name] = measure(weight, name, work.states[name])
    }
    var pieces: [String: [Layer]] = [:]
    for layer in LayerCatalog(work.graph).layers {
      if let origin = work.origins[layer.name] { pieces[origin, default: []].append(layer) }
    }
    let layers = catalog.layers.map { layer in
      CompressedLayer(
        name: layer.name, nodes: pieces[layer.name]?.map(\.node) ?? [],
        size: size(of: layer, pieces: pieces[layer.name] ?? [], measured: measured),
        remarks: work.remarks[layer.name] ?? [])
    }
    let parameters = work.graph.initializers.filter { $0.value.dataType.isFloatingPoint }.keys
    let total = ModelSize(
      bytes: measured.values.reduce(0) { $0 + $1.bytes }, originalBytes: originalBytes,
      parameters: parameters.reduce(0) { $0 + (measured[$1]?.elements ?? 0) },
      nonzeros: parameters.reduce(0) { $0 + (measured[$1]?.nonzeros ?? 0) })
    return CompressedModel(model: compressed, recipe: recipe, layers: layers, size: total)
  }

  private func measure(_ weight: Weight, _ name: String, _ state: LayerState?) -> StoredWeight {
    if let original = originals[name], let kept = model.graph.initializers[name], kept.isSame(as: weight) {
      return original
    }
    return state.map { caches.measure(weight, $0) } ?? WeightStorage.measure(weight)
  }

  private func size(of layer: Layer, pieces: [Layer], measured: [String: StoredWeight]) -> LayerSize {
    let weights = pieces.compactMap { measured[$0.weightName] }
    let biases = pieces.compactMap { $0.biasName.flatMap { measured[$0] } }
    return LayerSize(
      originalBytes: (originals[layer.weightName]?.bytes ?? 0)
        + (layer.biasName.flatMap { originals[$0]?.bytes } ?? 0),
      bytes: (weights + biases).reduce(0) { $0 + $1.bytes },
      parameters: weights.reduce(0) { $0 + $1.elements }, nonzeros: weights.reduce(0) { $0 + $1.nonzeros },
      form: (weights.contains { $0.form == .bitmask } ? WeightStorage.Form.bitmask : .dense).rawValue)
  }
}

/// The graph on its way through the passes, and what is known about its layers.
private struct CompressionWork {
  var graph: Graph
  /// By original layer.
  var settings: [String: LayerSettings] = [:]
  var remarks: [String: [String]] = [:]
  /// The original layer of each layer node.
  var origins: [String: String] = [:]
  /// What was done so far to each weight of a layer, by the weight's name.
  var states: [String: LayerState] = [:]

  init(graph: Graph) { self.graph = graph }

  /// The layers of the graph as it is now.
  var layers: [TrackedLayer] {
    LayerCatalog(graph).layers.compactMap { layer in
      guard let origin = origins[layer.name], let settings = settings[origin],
        let state = states[layer.weightName]
      else { return nil }
      return TrackedLayer(layer: layer, origin: origin, settings: settings, state: state)
    }
  }

  var unquantized: UnquantizedGraph { UnquantizedGraph(graph: graph, states: layers.map(\.state)) }

  /// Whether no node was replaced so far, so that what is known of the original's channels holds.
  private(set) var isWhole = true

  /// Which channels hang together now.
  var channels: Deferred<ChannelAnalysis> {
    Deferred { [graph] in try ChannelAnalyzer.analyze(graph, catalog: LayerCatalog(graph)) }
  }

  mutating func apply(_ result: PassResult) throws {
    var builder = result.builder
    let patch = try builder.commit()
    if !patch.replacements.isEmpty { isWhole = false }
    graph = patch.isEmpty ? graph : builder.graph.droppingUnreadWeights()
    remarks.merge(result.remarks) { $0 + $1 }
    origins.merge(result.origins) { _, new in new }
    states.merge(result.states) { _, new in new }
  }
}
