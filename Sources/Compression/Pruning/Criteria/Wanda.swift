import Recipes

extension PruningCriterion {
  package static let wanda = PruningCriterion(
    "wanda",
    MethodNote(
      "The smallest products of a weight and the norm of what it reads go, output by output.",
      needs: .calibrationData, source: "Sun et al. 2023, arXiv:2306.11695"),
    weights: WeightJudgement(needsInputs: true) { matrix, pruning in
      let products = try pruning.statistics().products(with: matrix)
      return pruning.selection.keep(products, removing: pruning.count, perRow: true)
    },
    // For each entry that a layer reads: the norm of the entry times the magnitudes of the weights that read it, added up
    // as in An et al. 2023 (arXiv:2312.11983).
    channels: .readings { reading in
      let axis = reading.layer.form == .conv ? 1 : 1 - reading.layer.outputAxis
      let sums = ChannelNorms.sums(of: reading.weight, axis: axis) { Double($0.magnitude) }
      return zip(sums, reading.statistics.norms).map { $0 * $1 }
    })
}
