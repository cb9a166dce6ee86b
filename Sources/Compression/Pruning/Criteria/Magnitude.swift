import Recipes

extension PruningCriterion {
  package static let magnitude = PruningCriterion(
    "magnitude",
    MethodNote(
      "The smallest weights go; of neurons and filters those of the smallest L2 norm.",
      source: "Han et al. 2015, arXiv:1506.02626; Li et al. 2017, arXiv:1608.08710"),
    weights: .magnitude,
    channels: .weights { weight, layer in
      ChannelNorms.sums(of: weight, axis: layer.outputAxis) { Double($0) * Double($0) }
    },
    // Root mean squares of what a branch adds over those of what flows past it (Men et al. 2024, arXiv:2403.03853).
    branches: .outputs { added, past in
      past.squares > 0 ? (added.squares / past.squares).squareRoot() : .infinity
    })
}

extension WeightJudgement {
  static let magnitude = WeightJudgement(isMagnitude: true) { matrix, pruning in
    pruning.selection.keep(matrix.values.map(\.magnitude), removing: pruning.count, perRow: false)
  }
}
