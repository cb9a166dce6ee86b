import GraphIR
import TensorCore

/// Removes whole neurons and filters, those whose weights have the smallest L2 norm (Li et al. 2017, arXiv:1608.08710),
/// so that tensors shrink: the layer's outputs, and everything behind it that reads them.
///
/// Layers whose outputs are added up lose the same ones, as many as the least of them is asked to; the norm then counts
/// the weights of all. At least one output stays. Where it is not certain that removing is right, nothing is removed,
/// and a remark says why.
struct StructuredPruning: CompressionPass {
  let label = "structured pruning"

  func run(_ context: PassContext) throws -> PassResult {
    var result = emptyResult()
    let asked = context.layers.filter { $0.settings.pruning == .structured && $0.settings.prune > 0 }
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
    var kept: [Int: [Int]] = [:]
    for root in analysis.roots where analysis.space(root).obstacle == nil {
      try checkCancellation()
      kept[root] = keptChannels(of: analysis.space(root), layers, context)
    }
    for layer in asked { remark(layer, analysis, kept, layers, &result) }
    if !kept.isEmpty { try shrink(context, analysis, kept, &result) }
    return result
  }

  private func ratio(_ layer: TrackedLayer) -> Double {
    layer.settings.pruning == .structured ? layer.settings.prune : 0
  }

  /// Channels that stay, ascending; nil where all do.
  private func keptChannels(
    of space: ChannelAnalysis.Space, _ layers: [String: TrackedLayer], _ context: PassContext
  ) -> [Int]? {
    let producers = space.producers.compactMap { layers[$0] }
    guard producers.count == space.producers.count, let least = producers.map(ratio).min() else { return nil }
    let removed = min(Int((least * Double(space.count)).rounded()), space.count - 1)
    guard removed > 0 else { return nil }
    var norms = [Double](repeating: 0, count: space.count)
    for producer in producers {
      let own = context.caches.norms.value(for: producer.layer.weightName) {
        context.weight(of: producer).map { squaredNorms(of: $0, axis: producer.layer.outputAxis) } ?? []
      }
      for (channel, norm) in own.enumerated() where channel < norms.count { norms[channel] += norm }
    }
    let order = norms.indices.sorted { (norms[$0], $0) < (norms[$1], $1) }
    return order[removed...].sorted()
  }

  private func squaredNorms(of weight: Weight, axis: Int) -> [Double] {
    let shape = weight.shape
    let inner = shape.dimensions[(axis + 1)...].reduce(1, *)
    var norms = [Double](repeating: 0, count: shape[axis])
    weight.withFloats { values in
      var start = 0
      while start < values.count {
        for channel in norms.indices {
          var sum = 0.0
          for index in start..<start + inner { sum += Double(values[index]) * Double(values[index]) }
          norms[channel] += sum
          start += inner
        }
      }
    }
    return norms
  }

  private func remark(
    _ layer: TrackedLayer, _ analysis: ChannelAnalysis, _ kept: [Int: [Int]],
    _ layers: [String: TrackedLayer], _ result: inout PassResult
  ) {
    let name = layer.layer.name
    if let obstacle = analysis.obstacles[name] { return result.remark(layer, obstacle) }
    if let segments = analysis.followers[name] {
      guard segments.allSatisfy({ kept[analysis.root($0.space)] == nil }) else { return }
      let leaders = segments.flatMap { analysis.space($0.space).producers }
      return result.remark(
        layer, "its filters go with those of \(leaders.joined(separator: ", ")), which keeps all")
    }
    guard let index = analysis.spaceOfLayer[name] else { return }
    let space = analysis.space(index)
    if let obstacle = space.obstacle { return result.remark(layer, obstacle) }
    let others = space.producers.compactMap { layers[$0] }
    if let least = others.min(by: { ratio($0) < ratio($1) }), ratio(least) < ratio(layer) {
      let share = Int((ratio(least) * 100).rounded())
      return result.remark(
        layer, "its outputs are added to those of \(least.origin): both lose only \(share) %")
    }
    if kept[analysis.root(index)] == nil {
      result.remark(layer, "\(space.count) outputs are too few to remove any at this ratio")
    }
  }

  private func shrink(
    _ context: PassContext, _ analysis: ChannelAnalysis, _ kept: [Int: [Int]], _ result: inout PassResult
  ) throws {
    let layers = Dictionary(
      context.layers.map { ($0.layer.weightName, $0) }, uniquingKeysWith: { first, _ in first })
    var entries: [String: [Int: [Int]]] = [:]
    for slice in analysis.slices {
      guard let indices = analysis.keptEntries(slice.along.segments, kept: kept) else { continue }
      entries[slice.constant, default: [:]][slice.along.axis] = indices
    }
    for (name, axes) in entries.sorted(by: { $0.key < $1.key }) {
      guard let weight = context.graph.initializers[name] else { continue }
      guard let layer = layers[name] else {
        result.patch.weights[name] = try Self.sliced(weight, axes)
        continue
      }
      let output = layer.layer.outputAxis
      let input = layer.layer.form == .conv ? 1 : 1 - output
      let state = layer.state.after(.sliced(outputs: axes[output], inputs: axes[input]))
      result.set(
        try context.caches.weights.value(for: state) { try Self.sliced(weight, axes) }, named: name,
        state: state)
    }
    for entry in analysis.shapeEntries {
      guard let indices = analysis.keptEntries(entry.segments, kept: kept),
        let shape = result.patch.weights[entry.constant] ?? context.graph.initializers[entry.constant]
      else { continue }
      var numbers = shape.tensor.integers.map(Int64.init)
      numbers[entry.index] = Int64(indices.count)
      result.patch.weights[entry.constant] = .dense(try Tensor(shape: shape.shape, numbers))
    }
    for node in context.graph.nodes {
      guard let segments = analysis.groups[node.name],
        let indices = analysis.keptEntries(segments, kept: kept)
      else { continue }
      var narrower = node
      narrower.attributes["group"] = .int(indices.count)
      result.patch.replacements[node.name] = [narrower]
    }
  }

  private static func sliced(_ weight: Weight, _ axes: [Int: [Int]]) throws -> Weight {
    try axes.sorted { $0.key < $1.key }.reduce(weight) { try $0.keeping($1.value, axis: $1.key) }
  }
}
