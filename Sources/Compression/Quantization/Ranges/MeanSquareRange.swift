import Recipes

extension RangeMethod {
  package static let meanSquare = RangeMethod(
    "mse",
    MethodNote(
      "Clips where the squared rounding error is least.", source: "Sung et al. 2015, arXiv:1511.06488"),
    clips: true, weights: MeanSquare.grid, activations: MeanSquare.grid)
}

/// Tries ranges shrunk in steps of 2 % down to a fifth, and takes the one with the least squared error; the wider of
/// equals.
private enum MeanSquare {
  static func grid(_ range: WeightRange) -> CodeGrid {
    let quantizer = range.quantizer
    var best = quantizer.grid(low: range.low, high: range.high)
    var least = quantizer.squaredError(range.values, grid: best)
    for percent in stride(from: 98, through: 20, by: -2) {
      let share = Float(percent) / 100
      let candidate = quantizer.grid(low: range.low * share, high: range.high * share)
      let error = quantizer.squaredError(range.values, grid: candidate)
      if error < least { (least, best) = (error, candidate) }
    }
    return best
  }

  static func grid(_ range: ActivationRange, highest: UInt8) -> ActivationGrid {
    var best = ActivationGrid(low: range.low, high: range.high, highest: highest)
    var least = Double.infinity
    for percent in stride(from: 100, through: 20, by: -2) {
      let share = Float(percent) / 100
      let candidate = ActivationGrid(low: range.low * share, high: range.high * share, highest: highest)
      let zero = Float(candidate.zeroPoint)
      func error(_ value: Float) -> Double {
        let code = min(max((value / candidate.scale).rounded(.toNearestOrEven) + zero, 0), Float(highest))
        let difference = Double(value - candidate.scale * (code - zero))
        return difference * difference
      }
      let sum = range.bins.reduce(0.0) {
        $0 + ($1.positives > 0 ? Double($1.positives) * error($1.magnitude) : 0)
          + ($1.negatives > 0 ? Double($1.negatives) * error(-$1.magnitude) : 0)
      }
      if sum < least { (least, best) = (sum, candidate) }
    }
    return best
  }
}
