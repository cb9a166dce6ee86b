import GraphIR
import Recipes
import Rewriting

/// One compression method: from a graph and the settings of its layers to a labelled edit.
protocol CompressionPass: Sendable {
  /// Names the patch in previews and errors.
  var label: String { get }

  /// The edit that carries out this method's part of the layers' settings.
  /// - Throws: `CompressionError`, or `CancellationError` when the task was cancelled.
  func run(_ context: PassContext) throws -> PassResult
}

extension CompressionPass {
  func emptyResult(_ context: PassContext) -> PassResult { PassResult(context, label: label) }
}

/// What a pass may look at.
struct PassContext: Sendable {
  let graph: Graph
  /// The layers of `graph`, in graph order.
  let layers: [TrackedLayer]
  /// The graph that calibration data run through.
  let unquantized: UnquantizedGraph
  /// Which channels of the original graph hang together.
  let channels: Deferred<ChannelAnalysis>
  let caches: LayerCaches
  let activations: (any ActivationSource)?
  let progress: CompressionProgress.Handler?

  /// Says that a slow method takes up a layer, the `index`th of `count`.
  func report(_ method: String, _ layer: TrackedLayer, _ index: Int, _ count: Int) {
    progress?(CompressionProgress(method: method, layer: layer.origin, index: index, count: count))
  }

  func weight(of layer: TrackedLayer) -> Weight? { graph.initializers[layer.layer.weightName] }

  /// What a layer reads on calibration data, with its Gram matrix; nil without data, or where there is none.
  func inputs(of layer: TrackedLayer) throws -> LayerInputStatistics? {
    // All layers at once: the data run once.
    guard let found = try inputStatistics(for: layers, needs: .gram)[layer.layer.name], !found.gram.isEmpty
    else { return nil }
    return found
  }

  /// Layers by weight, each weight once: what is done to a shared weight is done for all its layers.
  var layersByWeight: [TrackedLayer] {
    var seen: Set<String> = []
    return layers.filter { seen.insert($0.layer.weightName).inserted }
  }
}

/// A layer of the graph as it is now, and where it comes from.
struct TrackedLayer: Sendable {
  let layer: Layer
  /// The name of the original layer.
  let origin: String
  let settings: LayerSettings
  let state: LayerState
}

/// A pass's edit and what it says about it.
struct PassResult: Sendable {
  /// Gathers the edit.
  var builder: GraphBuilder
  /// By original layer.
  var remarks: [String: [String]] = [:]
  /// The new states of weights the patch sets, by the weight's name.
  var states: [String: LayerState] = [:]
  /// The original layer of each layer node the patch makes.
  var origins: [String: String] = [:]

  init(_ context: PassContext, label: String) { builder = GraphBuilder(context.graph, label: label) }

  mutating func remark(_ layer: TrackedLayer, _ text: String) {
    remarks[layer.origin, default: []].append(text)
  }

  mutating func set(_ weight: Weight, named name: String, state: LayerState) {
    builder.set(weight, named: name)
    states[name] = state
  }
}

/// The passes in the order in which they run.
///
/// - Branches go first, then channels: tensors become smaller, so that everything after works on less.
/// - Low rank next: a decomposition needs the dense weights, since zeros of an unstructured mask would not survive it.
/// - Unstructured pruning then, on the factors where there are any: their zeros are the ones that are stored.
/// - Compensations follow: batch normalizations take the statistics of what is left, as long as there are any.
/// - What prepares for quantization comes next, for layers that will be quantized, and keeps zeros: batch normalizations
///   are folded, so that what follows sees the weights that count; equalization needs no data; input scaling weighs what
///   the layers then read.
/// - Weight quantization follows, because it must keep the zeros exact, and ranges depend on which weights are left.
/// - Bias correction measures what rounding did.
/// - Activation quantization last: it only concerns layers whose weights are quantized by then. Its ranges are observed
///   on the graph before any rounding, so that bits can change without another calibration run.
package enum CompressionPipeline {
  static let shaping: [any CompressionPass] =
    [BranchPruning(), StructuredPruning(), LowRank(), UnstructuredPruning()]
    + Compensation.allCases.compactMap(\.pass) + [NormalizationFolding()]
    + Equalization.allCases.compactMap(\.pass) + [InputScaling()]
  static let quantizing: [any CompressionPass] = [
    WeightQuantization(), BiasCorrection(), ActivationQuantization(),
  ]
  /// What the passes are called, in their order, as docs/compression.md shows them.
  package static var labels: [String] { (shaping + quantizing).map(\.label) }
}
