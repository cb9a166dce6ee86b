import GraphIR
import Recipes
import Rewriting
import TensorCore

extension Compensation {
  package static let batchNorm = Compensation(
    "batch-norm",
    MethodNote(
      "Batch normalizations take the mean and variance of what they read after pruning and low rank.",
      needs: .calibrationData, source: "Li et al. 2020, arXiv:2007.02491", isHeavy: true),
    pass: NormalizationRecalibration())
}

/// Gives batch normalizations the mean and variance of what they read now that layers in front of them are pruned or
/// factorized (adaptive batch normalization of Li et al. 2020, arXiv:2007.02491).
///
/// One after the other, in the order of the graph: what one changes, the next one reads. Variances are those of the
/// calibration data, with n in the denominator, as a normalization in training has them.
struct NormalizationRecalibration: CompressionPass {
  let label = "batch-norm recalibration"

  /// A normalization behind a layer, with the names that its mean and variance go by from now on.
  private struct Target {
    let layer: TrackedLayer
    let node: Node
    let mean: String
    let variance: String
    var input: String { layer.layer.output }

    /// The node with constants of its own.
    var changed: Node {
      var node = node
      (node.inputs[3], node.inputs[4]) = (mean, variance)
      return node
    }
  }

  func run(_ context: PassContext) throws -> PassResult {
    var result = emptyResult(context)
    let wanted = context.layers.filter { $0.settings.compensation == .batchNorm }
    let changing = wanted.filter { $0.settings.prune > 0 || $0.settings.rank < 1 }
    guard !changing.isEmpty else { return result }
    let targets = targets(wanted, context, &result.builder)
    guard let activations = context.activations else {
      for layer in changing { result.remark(layer, "compensation needs calibration data: no effect") }
      return result
    }
    if targets.isEmpty {
      for layer in changing {
        result.remark(layer, "no batch normalization is behind any layer: compensation has no effect")
      }
    }
    let key = NormalizationKey(states: context.layers.map(\.state), inputs: targets.map(\.input))
    let found: [NormalizationValues] = try context.caches.normalizations.value(for: key) {
      var graph = context.graph
      for target in targets {
        guard let index = graph.nodes.firstIndex(where: { $0.name == target.node.name }) else { continue }
        graph.nodes[index] = target.changed
        for (name, input) in [(target.mean, 3), (target.variance, 4)] {
          graph.initializers[name] = graph.initializers[target.node.inputs[input]]
        }
      }
      return try targets.enumerated().map { index, target -> NormalizationValues in
        context.report("batch normalization", target.layer, index, targets.count)
        let values = try Self.observe(target, graph, activations, context)
        graph.initializers[target.mean] = Self.constant(values.means)
        graph.initializers[target.variance] = Self.constant(values.variances)
        return values
      }
    }
    for (target, values) in zip(targets, found) {
      if target.changed.inputs != target.node.inputs {
        result.builder.replace(target.node.name, with: [target.changed])
      }
      result.builder.set(Self.constant(values.means), named: target.mean)
      result.builder.set(Self.constant(values.variances), named: target.variance)
      // Nothing is done to the weight, but what is read behind it is no longer the same.
      result.states[target.layer.layer.weightName] = target.layer.state.after(
        .scaled(digest(values.means + values.variances)))
    }
    return result
  }

  private static func constant(_ values: [Float]) -> Weight {
    .dense(
      Tensor(shape: Shape(known: [values.count]), of: Float.self) { _ = $0.update(fromContentsOf: values) })
  }

  private func targets(
    _ layers: [TrackedLayer], _ context: PassContext, _ builder: inout GraphBuilder
  ) -> [Target] {
    let graph = context.graph
    let consumers = graph.consumers
    let readCounts = graph.readCounts
    return layers.compactMap { layer in
      guard let readers = consumers[layer.layer.output], layer.layer.sharedWith.isEmpty,
        let node = readers.map({ graph.nodes[$0] }).first(where: { $0.kind == "BatchNormalization" }),
        node.input(0) == layer.layer.output, (node.int("training_mode") ?? 0) == 0,
        let mean = node.input(3), let variance = node.input(4),
        [mean, variance].allSatisfy({ graph.initializers[$0]?.shape.dimensions == [layer.layer.outputs] })
      else { return nil }
      // What others read too, as the zeros and ones of fresh norms, stays theirs.
      func own(_ name: String, _ what: String) -> String {
        readCounts[name] == 1 ? name : builder.fresh("\(node.name)/\(what)")
      }
      return Target(
        layer: layer, node: node, mean: own(mean, "mean"), variance: own(variance, "variance"))
    }
  }

  private static func observe(
    _ target: Target, _ graph: Graph, _ activations: any ActivationSource, _ context: PassContext
  ) throws -> NormalizationValues {
    try Task.checkCancellation()
    let channels = target.layer.layer.outputs
    var statistics = ChannelStatistics(entries: channels)
    try activations.observe([target.input], of: graph) { _, shape, values in
      guard shape.rank >= 2, shape[1] == channels else { return }
      statistics.add(values, inner: shape.dimensions.dropFirst(2).reduce(1, *))
    }
    guard statistics.count > 0 else { throw CompressionError.unobservedActivation(value: target.input) }
    let found = NormalizationValues(
      means: statistics.means.map { Float($0) }, variances: statistics.variances.map { Float($0) })
    guard (found.means + found.variances).allSatisfy(\.isFinite) else {
      throw CompressionError.nonFinite(target.input, in: context)
    }
    return found
  }
}

/// What normalizations take for the mean and variance of their channels.
struct NormalizationValues: Sendable {
  let means: [Float]
  let variances: [Float]
}

struct NormalizationKey: Hashable, Sendable {
  let states: [LayerState]
  /// The values that are normalized.
  let inputs: [String]
}
