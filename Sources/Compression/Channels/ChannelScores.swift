import GraphIR
import TensorCore

/// How much each channel of a space matters, by one of the criteria.
struct ChannelScores {
  let context: PassContext
  let analysis: ChannelAnalysis
  let layers: [String: TrackedLayer]
  /// What the layers behind the channels read, by value; nil without calibration data.
  let statistics: [String: ChannelStatistics]?

  /// Why a criterion has nothing to go by in a space; nil where it has.
  func obstacle(to criterion: PruningCriterion, root: Int) -> String? {
    switch criterion.channels {
    case .weights, .seeded: nil
    case nil: "\(criterion.label) judges single weights: its channels are judged by L2 norm"
    case .scales:
      scales(root).isEmpty ? "no batch normalization is behind it: judged by L2 norm" : nil
    case .readings:
      statistics == nil
        ? "\(criterion.label) needs calibration data: judged by L2 norm"
        : readers(root).isEmpty ? "no layer reads its channels: judged by L2 norm" : nil
    }
  }

  /// One score per channel (or run of channels) of a space; the lowest go first.
  func scores(_ criterion: PruningCriterion, root: Int) -> [Double] {
    guard let judgement = criterion.channels, obstacle(to: criterion, root: root) == nil else {
      return scores(.magnitude, root: root)
    }
    switch judgement {
    case .weights(let norms): return sumOverProducers(root, criterion, norms)
    case .seeded(let draw):
      var random = SeededGenerator(seed: StableHash.of(analysis.space(root).producers.first ?? ""))
      return (0..<analysis.space(root).count).map { _ in draw(&random) }
    case .scales(let worth):
      return sum(root, scales(root).map { ($0.channels, $0.values.map(worth)) })
    case .readings(let worth):
      return sum(root, readers(root).map { ($0.along.channels, reading($0).map(worth) ?? []) })
    }
  }

  private func readers(_ root: Int) -> [ChannelAnalysis.Reader] {
    analysis.readers.filter { reader in
      statistics?[reader.value] != nil && layers[reader.layer] != nil
        && analysis.roots(of: reader.along.channels).contains(root)
    }
  }

  private func scales(_ root: Int) -> [(channels: [ChannelAnalysis.Channel], values: [Float])] {
    analysis.scales.compactMap { scale in
      guard analysis.roots(of: scale.channels).contains(root),
        let weight = context.graph.initializers[scale.constant]
      else { return nil }
      return (scale.channels, weight.tensor.floats)
    }
  }

  /// Entries along axes, added up per channel of a space.
  private func sum(_ root: Int, _ parts: [(channels: [ChannelAnalysis.Channel], values: [Double])])
    -> [Double]
  {
    var sums = [Double](repeating: 0, count: analysis.space(root).count)
    for (channels, values) in parts {
      for (channel, value) in zip(channels, values) {
        let own = analysis.resolved(channel)
        if own.space == root { sums[own.index] += value }
      }
    }
    return sums
  }

  private func reading(_ reader: ChannelAnalysis.Reader) -> ChannelReading? {
    guard let layer = layers[reader.layer], let weight = context.weight(of: layer),
      let statistics = statistics?[reader.value]
    else { return nil }
    return ChannelReading(statistics: statistics, layer: layer.layer, weight: weight)
  }

  private func sumOverProducers(
    _ root: Int, _ criterion: PruningCriterion, _ norms: (Weight, Layer) -> [Double]
  ) -> [Double] {
    let producers = analysis.space(root).producers.compactMap { layers[$0] }
    return sum(
      root,
      producers.compactMap { producer in
        guard let channels = analysis.outputsOfLayer[producer.layer.name],
          let weight = context.weight(of: producer)
        else { return nil }
        let key = ChannelNormKey(state: producer.state, criterion: criterion)
        let values = context.caches.norms.value(for: key) { norms(weight, producer.layer) }
        return (channels, values)
      })
  }
}

struct ChannelNormKey: Hashable, Sendable {
  let state: LayerState
  let criterion: PruningCriterion
}

enum ChannelNorms {
  /// Sums of a function of the elements at each index along an axis.
  static func sums(of weight: Weight, axis: Int, _ value: (Float) -> Double) -> [Double] {
    let shape = weight.shape
    let inner = shape.dimensions[(axis + 1)...].reduce(1, *)
    var sums = [Double](repeating: 0, count: shape[axis])
    weight.withFloats { values in
      var start = 0
      while start < values.count {
        for channel in sums.indices {
          var sum = 0.0
          for index in start..<start + inner { sum += value(values[index]) }
          sums[channel] += sum
          start += inner
        }
      }
    }
    return sums
  }
}

/// A hash that is the same in every process (FNV-1a, 64 bits).
enum StableHash {
  static func of(_ text: String) -> UInt64 {
    text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }
}
