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
    let kept = ChannelChoice.kept(candidates)
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
        analysis.readers, of: context.graph, analysis: analysis, activations: activations)
    }
  }

  // MARK: What is said

  private func remark(
    _ layer: TrackedLayer, _ scores: ChannelScores, _ kept: [Int: [Int]], _ result: inout PassResult
  ) {
    let analysis = scores.analysis
    let name = layer.layer.name
    if let obstacle = analysis.obstacles[name] { return result.remark(layer, obstacle) }
    if let segments = analysis.followers[name] {
      guard segments.allSatisfy({ kept[analysis.root($0.space)] == nil }) else { return }
      let leaders = segments.flatMap { analysis.space($0.space).producers }
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

  private func shrink(_ scores: ChannelScores, _ kept: [Int: [Int]], _ result: inout PassResult) throws {
    let (context, analysis) = (scores.context, scores.analysis)
    let byWeight = Dictionary(
      context.layers.map { ($0.layer.weightName, $0) }, uniquingKeysWith: { first, _ in first })
    var entries: [String: [Int: [Int]]] = [:]
    for slice in analysis.slices {
      guard let indices = analysis.keptEntries(slice.along.segments, kept: kept) else { continue }
      entries[slice.constant, default: [:]][slice.along.axis] = indices
    }
    for (name, axes) in entries.sorted(by: { $0.key < $1.key }) {
      guard let weight = context.graph.initializers[name] else { continue }
      guard let layer = byWeight[name] else {
        result.builder.set(try Self.sliced(weight, axes), named: name)
        continue
      }
      let output = layer.layer.outputAxis
      let input = layer.layer.form == .conv ? 1 : 1 - output
      let state = layer.state.after(.sliced(outputs: axes[output], inputs: axes[input]))
      result.set(
        try context.caches.weights.value(for: state) { try Self.sliced(weight, axes) }, named: name,
        state: state)
    }
    fixShapes(analysis, kept, &result.builder)
    for (node, counter) in analysis.counters {
      guard let indices = analysis.keptEntries(counter.segments, kept: kept) else { continue }
      result.builder.edit(node) { node in
        for name in counter.attributes { node.attributes[name] = .int(indices.count) }
      }
    }
    for zero in analysis.zeroInputs where analysis.keptEntries(zero.segments, kept: kept) != nil {
      result.builder.edit(zero.node) { $0.inputs[zero.index] = "" }
    }
    try compensate(scores, kept, &result.builder)
  }

  private static func sliced(_ weight: Weight, _ axes: [Int: [Int]]) throws -> Weight {
    try axes.sorted { $0.key < $1.key }.reduce(weight) { try $0.keeping($1.value, axis: $1.key) }
  }

  /// Reshapes get targets of their own, so that a shape that others read stays as it is.
  private func fixShapes(
    _ analysis: ChannelAnalysis, _ kept: [Int: [Int]], _ builder: inout GraphBuilder
  ) {
    var targets: [(node: String, target: [Int])] = []
    for entry in analysis.shapeEntries {
      guard let indices = analysis.keptEntries(entry.segments, kept: kept) else { continue }
      if targets.last?.node != entry.node { targets.append((entry.node, entry.target)) }
      targets[targets.count - 1].target[entry.index] = indices.count
    }
    for (node, target) in targets {
      let name = builder.add(target, "\(node)/shape")
      builder.edit(node) { $0.inputs[1] = name }
    }
    for (node, segments) in analysis.evenSplits where analysis.keptEntries(segments, kept: kept) != nil {
      // Without sizes the parts are equal, as they still are.
      builder.edit(node) { $0.attributes["split"] = nil }
    }
  }

  private func compensate(
    _ scores: ChannelScores, _ kept: [Int: [Int]], _ builder: inout GraphBuilder
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
    let readers = scores.context.graph.consumers
    for (name, all) in changes.sorted(by: { $0.key < $1.key }) {
      guard let layer = scores.layers[name]?.layer else { continue }
      let own = scores.analysis.outputsOfLayer[name].flatMap { scores.analysis.keptEntries($0, kept: kept) }
      let change = own.map { $0.map { all[$0] } } ?? all
      let target = BiasTarget(layer: layer, readers: readers)
      try target.add(change, &builder)
    }
  }
}

/// Where a layer's bias is, or is to be.
private struct BiasTarget {
  let layer: Layer
  let readers: [String: [Int]]

  func add(_ change: [Float], _ builder: inout GraphBuilder) throws {
    guard let node = builder.node(named: layer.name) else { return }
    let isGemm = layer.form == .gemm
    let alpha = isGemm ? node.float("alpha") ?? 1 : 1
    let beta = isGemm && layer.biasName != nil ? node.float("beta") ?? 1 : 1
    guard beta != 0 else { return }
    let scaled = change.map { $0 * alpha / beta }
    if let name = layer.biasName, let bias = builder.weight(name), bias.shape.count == change.count {
      let sum = try bias.replacing(with: zip(bias.tensor.floats, scaled).map { $0 + $1 })
      guard (readers[name]?.count ?? 1) > 1 else { return builder.set(sum, named: name) }
      let own = builder.add(sum, "\(layer.name)/bias")
      builder.edit(layer.biasNode ?? layer.name) { node in
        node.inputs = node.inputs.map { $0 == name ? own : $0 }
      }
    } else if layer.biasName == nil, node.input(2) == nil {
      let own = builder.add(try Tensor(shape: [change.count], scaled), "\(layer.name)/bias")
      guard layer.form == .matMul else {
        builder.edit(layer.name) { node in
          node.inputs = Array(node.inputs.prefix(2)) + [own]
          if isGemm { node.attributes["beta"] = nil }
        }
        return
      }
      let product = builder.fresh("\(layer.name)/product")
      let output = node.outputs[0]
      builder.edit(layer.name) { $0.outputs[0] = product }
      builder.insert(
        [
          Node(
            name: builder.fresh("\(layer.name)/bias-add"), kind: "Add", inputs: [product, own],
            outputs: [output])
        ], after: layer.name)
    }
  }
}
