import Compression

/// Every combination of a few values per knob, as recipes in a fixed order.
package struct SweepGrid: Codable, Hashable, Sendable {
  package var prune: [Double]
  package var weights: [WeightPrecision]
  package var activations: [ActivationPrecision]
  package var rank: [Double]
  /// Methods, and the recipe's own layers, which the sweep leaves as they are.
  package var base: Recipe

  package static let limit = 100_000

  package init(
    prune: [Double] = [0], weights: [WeightPrecision] = [.float32],
    activations: [ActivationPrecision] = [.float32], rank: [Double] = [1], base: Recipe = .identity
  ) {
    self.prune = prune
    self.weights = weights
    self.activations = activations
    self.rank = rank
    self.base = base
  }

  /// Reads the knobs' ranges as a command line gives them; nil leaves the base recipe's value.
  ///
  /// - Parameters:
  ///   - prune: such as "0:0.9:0.1" (from, to, step; the end included) or "0,0.5,0.9".
  ///   - bits: such as "32,8,4,1.58".
  ///   - activations: "32", "8" or "32,8".
  ///   - rank: as `prune`.
  /// - Throws: `SearchError` naming the text and how to write it.
  package init(
    prune: String? = nil, bits: String? = nil, activations: String? = nil, rank: String? = nil,
    base: Recipe = .identity
  ) throws {
    self.init(
      prune: [base.model.prune], weights: [base.model.weights], activations: [base.model.activations],
      rank: [base.model.rank], base: base)
    if let prune {
      self.prune = try SweepRange.numbers(prune, knob: "prune", allowed: 0...0.99)
    }
    if let bits {
      self.weights = try SweepRange.labels(
        bits, knob: "bits", choices: WeightPrecision.all.map(\.label), WeightPrecision.init(label:))
    }
    if let activations {
      self.activations = try SweepRange.labels(
        activations, knob: "activations", choices: ActivationPrecision.allCases.map(\.rawValue),
        ActivationPrecision.init(rawValue:))
    }
    if let rank {
      self.rank = try SweepRange.numbers(rank, knob: "rank", allowed: 0.01...1)
    }
    let (count, overflow) = [self.prune.count, weights.count, self.activations.count, self.rank.count]
      .reduce((1, false)) { product, factor in
        let (value, overflow) = product.0.multipliedReportingOverflow(by: factor)
        return (value, product.1 || overflow)
      }
    if overflow || count > SweepGrid.limit { throw SearchError.tooMany(count: count, limit: SweepGrid.limit) }
  }

  /// All recipes: rank turns slowest, then weight bits, activations, and pruning fastest. Each recipe once.
  package var recipes: [Recipe] {
    var seen = Set<Recipe>()
    var result: [Recipe] = []
    for rank in rank {
      for weights in weights {
        for activations in activations {
          for prune in prune {
            var recipe = base
            recipe.model.rank = rank
            recipe.model.weights = weights
            recipe.model.activations = activations
            recipe.model.prune = prune
            if seen.insert(recipe).inserted { result.append(recipe) }
          }
        }
      }
    }
    return result
  }
}
