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
      return sum(root, scales(root).map { ($0.segments, $0.values.map(worth)) })
    case .readings(let worth):
      return sum(root, readers(root).map { ($0.along.segments, reading($0).map(worth) ?? []) })
    }
  }

  private func readers(_ root: Int) -> [ChannelAnalysis.Reader] {
    analysis.readers.filter { reader in
      statistics?[reader.value] != nil && layers[reader.layer] != nil
        && reader.along.segments.contains { analysis.root($0.space) == root }
    }
  }

  private func scales(_ root: Int) -> [(segments: [ChannelAnalysis.Segment], values: [Float])] {
    analysis.scales.sorted { $0.key < $1.key }.compactMap { name, segments in
      guard segments.contains(where: { analysis.root($0.space) == root }),
        let weight = context.graph.initializers[name]
      else { return nil }
      return (segments, weight.tensor.floats)
    }
  }

  /// Entries along axes, added up per channel of a space.
  private func sum(_ root: Int, _ parts: [(segments: [ChannelAnalysis.Segment], values: [Double])])
    -> [Double]
  {
    var sums = [Double](repeating: 0, count: analysis.space(root).count)
    for (segments, values) in parts {
      var offset = 0
      for segment in segments.map(analysis.resolved) {
        let entries = analysis.spaces[segment.space].count * segment.block
        if segment.space == root, offset + entries <= values.count {
          for entry in 0..<entries { sums[entry / segment.block] += values[offset + entry] }
        }
        offset += entries
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
        guard let segments = analysis.outputsOfLayer[producer.layer.name],
          let weight = context.weight(of: producer)
        else { return nil }
        let key = ChannelNormKey(state: producer.state, criterion: criterion)
        let values = context.caches.norms.value(for: key) { norms(weight, producer.layer) }
        return (segments, values)
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
