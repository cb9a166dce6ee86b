import GraphIR
import Rewriting
import TensorCore

/// Removes whole neurons, filters, recurrent units and attention heads, so that tensors shrink: the layer's outputs, and everything
/// behind it that reads them (the dependency graph of Fang et al. 2023, arXiv:2301.12900).
///
/// Channels that are added up, or are one group of a grouped convolution or normalization, or one attention head, go
/// together, as many as the least of their layers is asked to; their scores are those of all. At least one stays. Where
/// it is not certain that removing is right, nothing is removed, and a remark says why.
struct StructuredPruning: CompressionPass {
  let label = "structured pruning"

  func run(_ context: PassContext) throws -> PassResult {
    var result = emptyResult(context)
    let asked = context.layers.filter { Self.asks($0) }
    guard !asked.isEmpty else { return result }
    let analysis: ChannelAnalysis
    do {
      analysis = try context.channels.get()
    } catch {
      for layer in asked { result.remark(layer, "no neurons can be removed: \(error)") }
      return result
    }
    let layers = Dictionary(
      context.layers.map { ($0.layer.name, $0) }, uniquingKeysWith: { first, _ in first })
    let statistics = try Self.statistics(context, analysis, asked)
    let scores = ChannelScores(
      context: context, analysis: analysis, layers: layers, statistics: statistics)
    var candidates: [ChannelChoice.Candidate] = []
    for root in analysis.roots where analysis.space(root).obstacle == nil {
      try Task.checkCancellation()
      if let candidate = candidate(root, layers, scores) { candidates.append(candidate) }
    }
    let kept = analysis.leavingSome(of: ChannelChoice.kept(candidates))
    for layer in asked { remark(layer, scores, kept, &result) }
    if !kept.isEmpty { try shrink(scores, kept, &result) }
    return result
  }

  private static func asks(_ layer: TrackedLayer) -> Bool {
    layer.settings.prune > 0 && (layer.settings.pattern == .channels || layer.settings.pattern == .heads)
  }

  /// The share that a layer is asked for of the channels of a space.
  private static func ratio(_ layer: TrackedLayer, heads: Bool) -> Double {
    layer.settings.pattern == (heads ? .heads : .channels) ? layer.settings.prune : 0
  }

  private func candidate(
    _ root: Int, _ layers: [String: TrackedLayer], _ scores: ChannelScores
  ) -> ChannelChoice.Candidate? {
    let space = scores.analysis.space(root)
    let producers = space.producers.compactMap { layers[$0] }
    guard producers.count == space.producers.count,
      let least = producers.min(by: {
        Self.ratio($0, heads: space.isHeads) < Self.ratio($1, heads: space.isHeads)
      })
    else { return nil }
    let ratio = Self.ratio(least, heads: space.isHeads)
    guard ratio > 0 else { return nil }
    return ChannelChoice.Candidate(
      root: root, ratio: ratio, allocation: least.settings.allocation,
      multiple: space.isHeads ? 1 : least.settings.alignment.count,
      shape: scores.context.weight(of: least)?.shape.dimensions ?? [1],
      scores: scores.scores(least.settings.criterion, root: root))
  }

  /// What the layers behind the channels read, by value, where a criterion or a compensation looks at it; nil where none
  /// does or there are no calibration data.
  private static func statistics(
    _ context: PassContext, _ analysis: ChannelAnalysis, _ asked: [TrackedLayer]
  ) throws -> [String: ChannelStatistics]? {
    let wanted = asked.contains { layer in
      layer.settings.compensation.biases != nil || layer.settings.criterion.channels?.needsReadings == true
    }
    guard wanted, let activations = context.activations else { return nil }
    return try context.caches.channelStatistics.value(for: context.layers.map(\.state)) {
      try ChannelStatistics.observe(
        analysis.readers, of: context.graph, activations: activations)
    }
  }

  // MARK: What is said

  private func remark(
    _ layer: TrackedLayer, _ scores: ChannelScores, _ kept: [Int: Set<Int>], _ result: inout PassResult
  ) {
    let analysis = scores.analysis
    let name = layer.layer.name
    if let obstacle = analysis.obstacles[name] { return result.remark(layer, obstacle) }
    if let channels = analysis.followers[name] {
      let roots = analysis.roots(of: channels)
      guard roots.allSatisfy({ kept[$0] == nil }) else { return }
      let leaders = roots.flatMap { analysis.space($0).producers }
      return result.remark(
        layer, "its filters go with those of \(leaders.joined(separator: ", ")), which keeps all")
    }
    guard let index = analysis.outputsOfLayer[name]?.first?.space else { return }
    let space = analysis.space(index)
    let root = analysis.root(index)
    if let obstacle = space.obstacle { return result.remark(layer, obstacle) }
    guard space.isHeads == (layer.settings.pattern == .heads) else {
      return result.remark(
        layer,
        space.isHeads
          ? "its outputs are attention heads: only the pattern \"heads\" removes those"
          : "its outputs are no attention heads: the pattern \"channels\" removes them")
    }
    if let obstacle = scores.obstacle(to: layer.settings.criterion, root: root) {
      result.remark(layer, obstacle)
    }
    if layer.settings.compensation.biases != nil, scores.statistics == nil {
      result.remark(layer, "compensation needs calibration data: no effect")
    }
    let others = space.producers.compactMap { scores.layers[$0] }
    let share = { (other: TrackedLayer) in Self.ratio(other, heads: space.isHeads) }
    if let least = others.min(by: { share($0) < share($1) }), share(least) < share(layer) {
      let percent = Int((share(least) * 100).rounded())
      return result.remark(
        layer, "its outputs go with those of \(least.origin): both lose only \(percent) %")
    }
    guard kept[root] == nil else { return }
    result.remark(
      layer,
      !layer.settings.allocation.isPerLayer && space.count > 1
        ? "all its \(space.isHeads ? "heads" : "channels") stay: those of other layers matter less"
        : "\(space.count) \(space.isHeads ? "heads" : "outputs") are too few to remove any at this ratio")
  }

  // MARK: What is done

  private func shrink(_ scores: ChannelScores, _ kept: [Int: Set<Int>], _ result: inout PassResult) throws {
    let (context, analysis) = (scores.context, scores.analysis)
    try ConstantSlices(context: context, analysis: analysis, kept: kept).apply(to: &result)
    ShapeChanges(graph: context.graph, analysis: analysis, kept: kept).apply(to: &result.builder)
    for (node, counter) in analysis.counters {
      guard let entries = analysis.keptEntries(counter.channels, kept: kept) else { continue }
      result.builder.edit(node) { node in
        for name in counter.attributes { node.attributes[name] = .int(entries.count) }
      }
    }
    for zero in analysis.zeroInputs where analysis.keptEntries(zero.channels, kept: kept) != nil {
      result.builder.edit(zero.node) { $0.inputs[zero.index] = "" }
    }
    try compensate(scores, kept, &result.builder)
  }

  private func compensate(
    _ scores: ChannelScores, _ kept: [Int: Set<Int>], _ builder: inout GraphBuilder
  ) throws {
    guard let statistics = scores.statistics else { return }
    var changes: [String: [Float]] = [:]
    for compensation in Compensation.allCases {
      guard let biases = compensation.biases else { continue }
      // What goes is asked of the layers that make it, or of those that go with them.
      let asked = kept.filter { root, _ in
        scores.analysis.space(root).producers.contains {
          scores.layers[$0]?.settings.compensation == compensation
        }
      }
      guard !asked.isEmpty else { continue }
      let removed = RemovedChannels(
        context: scores.context, analysis: scores.analysis, layers: scores.layers, statistics: statistics,
        kept: asked)
      changes.merge(biases(removed)) { sums, more in zip(sums, more).map { $0 + $1 } }
    }
    for (name, all) in changes.sorted(by: { $0.key < $1.key }) {
      guard let layer = scores.layers[name]?.layer else { continue }
      let own = scores.analysis.outputsOfLayer[name].flatMap { scores.analysis.keptEntries($0, kept: kept) }
      try BiasTarget(layer: layer, graph: scores.context.graph).add(
        own.map { $0.map { all[$0] } } ?? all, &builder)
    }
  }
}
