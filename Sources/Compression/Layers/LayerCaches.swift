import GraphIR
import Kernels
import TensorCore

/// Everything a compressor keeps between recipes, all bounded.
struct LayerCaches: Sendable {
  let weights: BoundedCache<LayerState, Weight>
  let factors: BoundedCache<FactorKey, Factorization>
  let sizes: BoundedCache<LayerState, StoredWeight>
  let thresholds: BoundedCache<ThresholdKey, MagnitudeSelection>
  let finite: BoundedCache<String, Bool>
  let shares: BoundedCache<PruningShareKey, [Int]>
  /// Norms of a weight's outputs.
  let norms: BoundedCache<ChannelNormKey, [Double]>
  /// By the states of all layers: the channels of what each layer reads.
  let channelStatistics: BoundedCache<[LayerState], [String: ChannelStatistics]>
  /// By the states of all layers before quantization: what each layer reads.
  let ranges: BoundedCache<[LayerState], [String: ActivationRange]>
  let normalizations: BoundedCache<NormalizationKey, [NormalizationValues]>
  let inputs: BoundedCache<LayerInputKey, LayerInputStatistics>

  /// - Parameter modelBytes: size of the original, from which the bounds follow.
  init(modelBytes: Int) {
    let room = max(64 << 20, 8 * modelBytes)
    weights = BoundedCache(capacity: room) { weight in
      switch weight {
      case .dense(let tensor): tensor.byteCount + 64
      case .quantized(let tensor): tensor.codes.count + 4 * tensor.scales.count + 64
      }
    }
    factors = BoundedCache(capacity: room) { 4 * ($0.left.count + $0.right.count) }
    sizes = BoundedCache(capacity: 8_192) { _ in 1 }
    thresholds = BoundedCache(capacity: 1_024) { _ in 1 }
    finite = BoundedCache(capacity: 8_192) { _ in 1 }
    shares = BoundedCache(capacity: 1_024) { _ in 1 }
    norms = BoundedCache(capacity: 8_192) { _ in 1 }
    channelStatistics = BoundedCache(capacity: 64) { _ in 1 }
    ranges = BoundedCache(capacity: 64) { _ in 1 }
    normalizations = BoundedCache(capacity: 64) { _ in 1 }
    inputs = BoundedCache(capacity: 512 << 20) { 4 * ($0.gram.count + $0.samples.count) + 64 }
  }

  func measure(_ weight: Weight, _ state: LayerState) -> StoredWeight {
    sizes.value(for: state) { WeightStorage.measure(weight) }
  }
}
