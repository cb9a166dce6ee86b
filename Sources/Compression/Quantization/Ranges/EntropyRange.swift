import Foundation
import Recipes
import TensorCore

extension RangeMethod {
  package static let entropy = RangeMethod(
    "entropy",
    MethodNote(
      "Clips where the histogram of values loses the least information.",
      source: "Migacz 2017, GTC S7310; Wu et al. 2020, arXiv:2004.09602"),
    clips: true,
    weights: { range in
      let largest = max(-range.low, range.high)
      return range.clipped(
        to: EntropyCalibration.clip(range.values, largest: largest, bits: range.quantizer.scheme.bits))
    },
    activations: { range, highest in
      range.clipped(to: EntropyCalibration.clip(range, highest: highest), highest)
    })
}

/// Finds the clipping magnitude that loses the least information: the smallest Kullback-Leibler divergence between the
/// histogram of magnitudes, clipped, and the same histogram seen through so many codes.
///
/// After Migacz 2017, "8-bit inference with TensorRT" (GPU Technology Conference, S7310); evaluated among others in
/// Wu et al. 2020, arXiv:2004.09602.
enum EntropyCalibration {
  static let bins = 2048

  /// The clipping magnitude for weights.
  static func clip(_ values: UnsafeBufferPointer<Float>, largest: Float, bits: WeightBits) -> Float {
    guard largest > 0, !values.isEmpty else { return largest }
    // A bin should see several values, or the histogram is noise.
    let bins = min(Self.bins, max(128, values.count / 4))
    var counts = [Double](repeating: 0, count: bins)
    // In double precision: the factor of the smallest magnitudes is beyond what a float holds.
    let factor = Double(bins) / Double(largest)
    for value in values where value != 0 {
      counts[min(Int(Double(value.magnitude) * factor), bins - 1)] += 1
    }
    return clip(counts, largest: largest, levels: bits.codeRange.upperBound + 1)
  }

  /// The clipping magnitude for what a layer reads, with codes of 0 up to the highest.
  static func clip(_ range: ActivationRange, highest: UInt8) -> Float {
    let largest = max(-range.low, range.high)
    guard largest > 0, !range.bins.isEmpty else { return largest }
    var counts = [Double](repeating: 0, count: bins)
    let factor = Double(counts.count) / Double(largest)
    for bin in range.bins {
      counts[min(Int(Double(bin.magnitude) * factor), counts.count - 1)] += Double(bin.count)
    }
    // Values of both signs share the codes.
    let levels = range.low < 0 && range.high > 0 ? (Int(highest) + 1) / 2 : Int(highest)
    return clip(counts, largest: largest, levels: levels)
  }

  /// - Parameters:
  ///   - counts: values by magnitude, in bins of equal width from 0 to `largest`.
  ///   - levels: codes that the magnitudes are mapped to.
  static func clip(_ counts: [Double], largest: Float, levels: Int) -> Float {
    let bins = counts.count
    guard levels < bins, counts.reduce(0, +) > 0 else { return largest }
    let step = max(1, (bins - levels) / 96)
    var best = (bins, Double.infinity)
    for kept in stride(from: bins, through: levels, by: -step) {
      let divergence = divergence(counts, kept: kept, levels: levels)
      if divergence < best.1 { best = (kept, divergence) }
    }
    return largest * Float(best.0) / Float(bins)
  }

  /// The divergence between two histograms: the first `kept` bins, the last of which counts all values beyond, and the
  /// same bins merged into `levels` and spread out again.
  private static func divergence(_ counts: [Double], kept: Int, levels: Int) -> Double {
    let outside = counts[kept...].reduce(0, +)
    let total = counts.reduce(0, +)
    let inside = total - outside
    guard inside > 0 else { return .infinity }
    var sum = 0.0
    for level in 0..<levels {
      let range = level * kept / levels..<(level + 1) * kept / levels
      var (mass, places) = (0.0, 0.0)
      for bin in range where counts[bin] > 0 {
        mass += counts[bin]
        places += 1
      }
      let spread = places > 0 ? mass / places / inside : 0
      for bin in range {
        let clipped = counts[bin] + (bin == kept - 1 ? outside : 0)
        guard clipped > 0 else { continue }
        // An empty last bin that outliers are clipped into has no likelihood: a small one stands in.
        let likelihood = counts[bin] > 0 ? spread : 1e-4 / inside
        sum += clipped / total * log(clipped / total / likelihood)
      }
    }
    return sum
  }
}
