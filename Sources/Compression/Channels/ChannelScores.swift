import GraphIR
import TensorCore

/// How much each channel of a space matters, by one of the criteria.
struct ChannelScores {
  let context: PassContext
  let analysis: ChannelAnalysis
  let layers: [String: TrackedLayer]
  /// Of what the readers of channels read; nil without calibration data.
  let statistics: [String: ChannelStatistics]?

  /// Why a criterion has nothing to go by in a space; nil where it has.
  func obstacle(to method: PruningMethod, root: Int) -> String? {
    switch method {
    case .magnitude, .l1, .geometricMedian, .random: nil
    case .batchNorm:
      scales(root).isEmpty ? "no batch normalization is behind it: judged by L2 norm" : nil
    case .brainSurgeon, .sparseGPT:
      "\(method.rawValue) judges single weights: its channels are judged by L2 norm"
    case .wanda, .activation, .variance:
      statistics == nil
        ? "\(method.rawValue) needs calibration data: judged by L2 norm"
        : readers(root).isEmpty ? "no layer reads its channels: judged by L2 norm" : nil
    }
  }

  /// One score per channel (or run of channels) of a space; the lowest go first.
  func scores(_ method: PruningMethod, root: Int) -> [Double] {
    guard obstacle(to: method, root: root) == nil else { return scores(.magnitude, root: root) }
    switch method {
    case .magnitude, .l1, .geometricMedian, .brainSurgeon, .sparseGPT: return sumOverProducers(root, method)
    case .random:
      var random = SeededGenerator(seed: StableHash.of(analysis.space(root).producers.first ?? ""))
      return (0..<analysis.space(root).count).map { _ in Double(random.next() >> 11) }
    case .batchNorm:
      return sum(root, scales(root).map { ($0.segments, $0.values.map { Double($0.magnitude) }) })
    case .activation:
      return sum(root, readers(root).map { ($0.along.segments, statistics?[$0.value]?.meanMagnitudes ?? []) })
    case .variance:
      return sum(root, readers(root).map { ($0.along.segments, statistics?[$0.value]?.variances ?? []) })
    case .wanda:
      return sum(root, readers(root).map { ($0.along.segments, productNorms($0)) })
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

  /// Of each entry that a layer reads, the magnitudes of its weights times the norm of the entry (Sun et al. 2023,
  /// arXiv:2306.11695, added up as in An et al. 2023, arXiv:2312.11983).
  private func productNorms(_ reader: ChannelAnalysis.Reader) -> [Double] {
    guard let layer = layers[reader.layer], let weight = context.weight(of: layer),
      let norms = statistics?[reader.value]?.norms
    else { return [] }
    let axis = layer.layer.form == .conv ? 1 : 1 - layer.layer.outputAxis
    let sums = ChannelNorms.sums(of: weight, axis: axis) { Double($0.magnitude) }
    return zip(sums, norms).map { $0 * $1 }
  }

  private func sumOverProducers(_ root: Int, _ method: PruningMethod) -> [Double] {
    let producers = analysis.space(root).producers.compactMap { layers[$0] }
    return sum(
      root,
      producers.compactMap { producer in
        guard let segments = analysis.outputsOfLayer[producer.layer.name],
          let weight = context.weight(of: producer)
        else { return nil }
        let key = ChannelNormKey(state: producer.state, method: method)
        let axis = producer.layer.outputAxis
        let norms = context.caches.norms.value(for: key) {
          switch method {
          case .l1: ChannelNorms.sums(of: weight, axis: axis) { Double($0.magnitude) }
          case .geometricMedian: ChannelNorms.distances(WeightMatrix(weight, layer: producer.layer))
          default: ChannelNorms.sums(of: weight, axis: axis) { Double($0) * Double($0) }
          }
        }
        return (segments, norms)
      })
  }
}

struct ChannelNormKey: Hashable, Sendable {
  let state: LayerState
  let method: PruningMethod
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

  /// Of each row, the sum of its distances to all others: the least is nearest to the geometric median (He et al. 2019,
  /// arXiv:1811.00250).
  static func distances(_ matrix: WeightMatrix) -> [Double] {
    let (rows, columns) = (matrix.rows, matrix.columns)
    let products = DenseAlgebra.product(matrix.values, matrix.values, rows, columns, rows, transposedB: true)
    let squares = (0..<rows).map { Double(products[$0 * rows + $0]) }
    return (0..<rows).map { one in
      var sum = 0.0
      for other in 0..<rows {
        let square = squares[one] + squares[other] - 2 * Double(products[one * rows + other])
        sum += max(0, square).squareRoot()
      }
      return sum
    }
  }
}

/// A hash that is the same in every process (FNV-1a, 64 bits).
enum StableHash {
  static func of(_ text: String) -> UInt64 {
    text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }
}
