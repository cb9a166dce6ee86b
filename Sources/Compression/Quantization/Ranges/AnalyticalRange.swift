import Foundation
import Recipes
import TensorCore

extension RangeMethod {
  /// Analytical clipping for integer quantization.
  package static let analytical = RangeMethod(
    "aciq",
    MethodNote(
      "Clips integers where a Laplace or normal distribution, whichever is nearer, loses least.",
      source: "Banner et al. 2019, arXiv:1810.05723"),
    clips: true,
    weights: { range in
      guard range.quantizer.scheme.format == .integer else {
        return range.quantizer.grid(low: range.low, high: range.high)
      }
      return range.clipped(to: Float(AnalyticalClipping(range.values).clip(steps: range.stepsPerSide)))
    },
    activations: { range, highest in
      let steps = Double(highest) / (range.low < 0 && range.high > 0 ? 2 : 1)
      return range.clipped(to: Float(AnalyticalClipping(range.bins).clip(steps: steps)), highest)
    },
    remark: { _, scheme in
      scheme.format == .integer ? nil : "aciq is about integers: other numbers span all values"
    })
}

extension WeightRange {
  /// Codes from zero to the largest magnitude.
  fileprivate var stepsPerSide: Double {
    let codes = quantizer.scheme.codeRange
    let isOneSided = quantizer.scheme.isAsymmetric && !(low < 0 && high > 0)
    return Double(codes.upperBound - codes.lowerBound) / (isOneSided ? 1 : 2)
  }
}

/// The clipping magnitude at which values of a known distribution lose least: what lies beyond is off by its distance,
/// what lies within by a step at random (Banner et al. 2019, arXiv:1810.05723, section 3).
///
/// The distribution is that of Laplace or the normal one, by which of both has a mean magnitude over root mean square
/// nearer to that of the values. Zeros do not count: they are exact wherever values are clipped.
package struct AnalyticalClipping {
  private let meanMagnitude: Double
  private let rootMeanSquare: Double

  init(_ values: UnsafeBufferPointer<Float>) {
    var (count, magnitudes, squares) = (0.0, 0.0, 0.0)
    for value in values where value != 0 {
      count += 1
      magnitudes += Double(value.magnitude)
      squares += Double(value) * Double(value)
    }
    self.init(count, magnitudes, squares)
  }

  init(_ bins: [ActivationRange.Bin]) {
    var (count, magnitudes, squares) = (0.0, 0.0, 0.0)
    for bin in bins {
      let magnitude = Double(bin.magnitude)
      count += Double(bin.count)
      magnitudes += Double(bin.count) * magnitude
      squares += Double(bin.count) * magnitude * magnitude
    }
    self.init(count, magnitudes, squares)
  }

  private init(_ count: Double, _ magnitudes: Double, _ squares: Double) {
    meanMagnitude = magnitudes / max(count, 1)
    rootMeanSquare = (squares / max(count, 1)).squareRoot()
  }

  /// - Parameter steps: codes from zero to the clipping magnitude.
  func clip(steps: Double) -> Double {
    // Between 1 / sqrt(2) of Laplace and sqrt(2 / pi) of the normal distribution.
    let isNormal = meanMagnitude > 0.7525 * rootMeanSquare
    return isNormal
      ? rootMeanSquare * Self.normal(steps: steps) : meanMagnitude * Self.laplace(steps: steps)
  }

  /// The best clipping magnitude over the mean magnitude of a Laplace distribution: a step at random costs
  /// (t / steps)^2 / 12, what is clipped 2 exp(-t).
  package static func laplace(steps: Double) -> Double {
    root { t in t / (6 * steps * steps) - 2 * exp(-t) }
  }

  /// The same over the standard deviation of a normal distribution, where what is clipped costs
  /// (1 + t^2) erfc(t / sqrt(2)) - t sqrt(2 / pi) exp(-t^2 / 2).
  package static func normal(steps: Double) -> Double {
    root { t in
      t / (6 * steps * steps) + 2 * t * erfc(t / 2.0.squareRoot())
        - 2 * (2 / Double.pi).squareRoot() * exp(-t * t / 2)
    }
  }

  /// Where the slope of a convex cost is zero, by bisection.
  private static func root(_ slope: (Double) -> Double) -> Double {
    var (low, high) = (0.0, 64.0)
    for _ in 0..<60 {
      let middle = (low + high) / 2
      if slope(middle) < 0 { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }
}
