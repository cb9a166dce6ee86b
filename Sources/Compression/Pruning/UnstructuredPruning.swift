import GraphIR
import Kernels
import Recipes
import TensorCore

/// Zeroes weights, exactly as many as asked for, in one of the patterns and by one of the criteria.
///
/// Layers of the same ratio, pattern and allocation share out what is to go by the magnitudes of their weights
/// (`PruningAllocation`); within a layer the criterion says which weights those are. Equal scores go in order of layer
/// and index. Factors of a pair are pruned like layers.
struct UnstructuredPruning: CompressionPass {
  let label = "unstructured pruning"

  private struct Group: Hashable {
    let ratio: Double
    let criterion: PruningCriterion
    let pattern: PruningPattern
    let allocation: PruningAllocation
  }

  func run(_ context: PassContext) throws -> PassResult {
    var result = emptyResult(context)
    var groups: [Group: [TrackedLayer]] = [:]
    var order: [Group] = []
    for layer in context.layersByWeight where layer.settings.prune > 0 && !layer.settings.pattern.isStructured
    {
      guard !layer.state.isResidual else { continue }
      guard layer.settings.weightBits != .quantized(.binary) else {
        result.remark(layer, "1-bit weights have no zero: pruning has no effect here")
        continue
      }
      let group = Group(
        ratio: layer.settings.prune, criterion: layer.settings.criterion, pattern: layer.settings.pattern,
        allocation: layer.settings.allocation)
      if groups[group] == nil { order.append(group) }
      groups[group, default: []].append(layer)
    }
    for group in order.sorted(by: { $0.ratio < $1.ratio }) {
      try prune(groups[group] ?? [], group, context, &result)
    }
    return result
  }

  private func prune(
    _ layers: [TrackedLayer], _ group: Group, _ context: PassContext, _ result: inout PassResult
  ) throws {
    try Task.checkCancellation()
    let weights = layers.compactMap { context.weight(of: $0) }
    guard weights.count == layers.count else { return }
    if group.criterion.weights?.isMagnitude == true, group.pattern == .weights, group.allocation.isThreshold {
      return try pruneByThreshold(layers, weights, group.ratio, context, &result)
    }
    let sizes = weights.map(\.shape.count)
    let counts: [Int]
    if group.pattern.nofm != nil {
      counts = zip(layers, sizes).map { layer, size in
        PatternSelection(
          rows: layer.layer.outputs, columns: layer.layer.inputs, pattern: group.pattern
        ).fixedCount ?? 0
      }
    } else {
      counts = try shares(layers, weights, group, context, &result)
    }
    for (index, layer) in layers.enumerated() {
      try Task.checkCancellation()
      guard counts[index] > 0 else {
        result.remark(
          layer,
          group.allocation.isPerLayer || layers.count == 1
            ? "\(sizes[index]) weights are too few to prune any at this ratio"
            : "the allocation takes no weights from it")
        continue
      }
      let progress = CompressionProgress(
        method: group.criterion.label, layer: layer.origin, index: index, count: layers.count)
      try prune(layer, weights[index], counts[index], group, context, progress, &result)
    }
  }

  /// How many weights each layer gives.
  private func shares(
    _ layers: [TrackedLayer], _ weights: [Weight], _ group: Group, _ context: PassContext,
    _ result: inout PassResult
  ) throws -> [Int] {
    let isObserved = group.allocation.needsInputs && context.activations != nil
    if group.allocation.needsInputs, !isObserved {
      for layer in layers {
        result.remark(layer, "\(group.allocation.label) needs calibration data: it looks at weights alone")
      }
    }
    let inputs = isObserved ? try context.inputStatistics(for: layers, needs: []) : [:]
    let key = PruningShareKey(
      states: layers.map(\.state), ratio: group.ratio, allocation: group.allocation,
      inputs: isObserved ? context.layers.map(\.state) : [])
    return context.caches.shares.value(for: key) {
      group.allocation.weights(
        WeightShares(
          ratio: group.ratio, shapes: weights.map(\.shape.dimensions),
          visit: { index, body in weights[index].withFloats(body) },
          products: { index in
            let matrix = WeightMatrix(weights[index], layer: layers[index].layer)
            return inputs[layers[index].layer.name]?.products(with: matrix) ?? matrix.values.map(\.magnitude)
          }))
    }
  }

  private func prune(
    _ layer: TrackedLayer, _ weight: Weight, _ count: Int, _ group: Group, _ context: PassContext,
    _ progress: CompressionProgress, _ result: inout PassResult
  ) throws {
    if let (kept, of) = group.pattern.nofm, abs(group.ratio - Double(of - kept) / Double(of)) > 0.005 {
      result.remark(layer, "\(group.pattern.rawValue) removes \(100 * (of - kept) / of) % whatever the ratio")
    }
    let needsInputs = group.criterion.weights?.needsInputs == true
    let inputs = needsInputs ? try context.inputs(of: layer) : nil
    let pruning = LayerPruning(
      layer: layer.layer, criterion: group.criterion, pattern: group.pattern, count: count, inputs: inputs
    ) { _ in try Task.checkCancellation() }
    if needsInputs, inputs == nil {
      result.remark(
        layer,
        context.activations == nil
          ? "\(group.criterion.label) needs calibration data: judged by magnitude"
          : "what it reads cannot be observed: judged by magnitude")
    } else if let remark = pruning.remark {
      result.remark(layer, remark)
    }
    let step = LayerState.Step.pruned(
      PruningStep(
        criterion: pruning.effective, pattern: group.pattern, count: count,
        inputs: StatesDigest(inputs == nil ? [] : context.layers.map(\.state))))
    let state = layer.state.after(step)
    let pruned = try context.caches.weights.value(for: state) {
      if group.criterion.note.isHeavy { context.progress?(progress) }
      return try pruning.pruned(weight)
    }
    result.set(pruned, named: layer.layer.weightName, state: state)
  }

  /// Magnitude over all layers at once: linear in the weights, and what a knob turns by default.
  private func pruneByThreshold(
    _ layers: [TrackedLayer], _ weights: [Weight], _ ratio: Double, _ context: PassContext,
    _ result: inout PassResult
  ) throws {
    let total = weights.reduce(0) { $0 + $1.shape.count }
    let count = Int((ratio * Double(total)).rounded())
    guard count > 0 else {
      for layer in layers { result.remark(layer, "\(total) weights are too few to prune any at this ratio") }
      return
    }
    let key = ThresholdKey(states: layers.map(\.state), count: count)
    let threshold = context.caches.thresholds.value(for: key) {
      MagnitudeSelection(selecting: count, of: weights.count) { index, body in
        weights[index].withFloats(body)
      }
    }
    for (index, layer) in layers.enumerated() {
      try Task.checkCancellation()
      let state = layer.state.after(.thresholded(bits: threshold.bits, ties: threshold.ties[index]))
      let pruned = try context.caches.weights.value(for: state) {
        try weights[index].masked(by: threshold, array: index)
      }
      result.set(pruned, named: layer.layer.weightName, state: state)
      if layers.count > 1,
        context.caches.measure(pruned, state).nonzeros
          == context.caches.measure(weights[index], layer.state).nonzeros
      {
        result.remark(layer, "all its weights are above the global threshold: none is pruned here")
      }
    }
  }
}

/// What the threshold over all layers depends on.
struct ThresholdKey: Hashable, Sendable {
  let states: [LayerState]
  let count: Int
}

/// What shares depend on.
struct PruningShareKey: Hashable, Sendable {
  let states: [LayerState]
  let ratio: Double
  let allocation: PruningAllocation
  /// The states of all layers when what they read was looked at; empty where it was not.
  let inputs: [LayerState]
}

extension Weight {
  /// The weight with the selected elements zero, in the type it had.
  fileprivate func masked(by threshold: MagnitudeSelection, array: Int) throws -> Weight {
    if case .dense(let tensor) = self, tensor.dataType == .float32 {
      return withFloats { values in
        .dense(
          Tensor(shape: tensor.shape, of: Float.self) { kept in
            threshold.zero(values, into: kept, array: array)
          })
      }
    }
    let kept = [Float](unsafeUninitializedCapacity: shape.count) { kept, count in
      withFloats { threshold.zero($0, into: kept, array: array) }
      count = shape.count
    }
    return try masked(by: kept.map { $0 != 0 })
  }
}
