import Recipes

extension PruningAllocation {
  /// Outlier-weighed layerwise sparsity.
  package static let outlierWeighed = PruningAllocation(
    "owl",
    MethodNote(
      "Layers with more outliers among products of weight and input give less, by at most 16 points.",
      needs: .calibrationData, source: "Yin et al. 2024, arXiv:2310.05175"),
    needsInputs: true,
    weights: { shares in
      let outliers = shares.shapes.indices.map { OutlierShares.outliers(shares.products($0)) }
      return OutlierShares.counts(shares.ratio, outliers: outliers, sizes: shares.sizes)
    },
    channels: { shares in
      let outliers = shares.spaces.map { OutlierShares.outliers($0.scores.map { Float($0) }) }
      return OutlierShares.counts(shares.ratio, outliers: outliers, sizes: shares.sizes)
    })
}

private enum OutlierShares {
  /// How many times the mean an outlier is: the paper's M.
  static let multiple: Float = 5
  /// How far the densities of layers lie apart: the paper's 2 lambda.
  static let spread = 0.16

  /// The share of scores that are outliers.
  static func outliers(_ scores: [Float]) -> Double {
    guard !scores.isEmpty else { return 0 }
    let mean = Float(scores.reduce(0.0) { $0 + Double($1) } / Double(scores.count))
    return Double(scores.count { $0 > multiple * mean }) / Double(scores.count)
  }

  /// How many weights or channels each layer gives: its density exceeds that of all by its outliers, on a scale on which
  /// the layers span `spread`, about the mean over all that there is. Less where one would give more than it has.
  static func counts(_ ratio: Double, outliers: [Double], sizes: [Int]) -> [Int] {
    let all = Double(sizes.reduce(0, +))
    let total = Int((ratio * all).rounded())
    guard all > 0, let least = outliers.min(), let most = outliers.max(), most > least else {
      return WholeShares.rounded(sizes.map { ratio * Double($0) }, sizes: sizes, total: total)
    }
    let scaled = outliers.map { ($0 - least) / (most - least) }
    let mean = zip(scaled, sizes).reduce(0) { $0 + $1.0 * Double($1.1) } / all
    // What the layer of most outliers may gain and that of least may lose.
    let room = min(
      spread, ratio / max(1 - mean, .leastNormalMagnitude), (1 - ratio) / max(mean, .leastNormalMagnitude))
    let shares = zip(scaled, sizes).map { (ratio - room * ($0 - mean)) * Double($1) }
    return WholeShares.rounded(shares, sizes: sizes, total: total)
  }
}
