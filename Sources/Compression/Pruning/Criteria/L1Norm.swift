import Recipes

extension PruningCriterion {
  package static let l1 = PruningCriterion(
    "l1",
    MethodNote(
      "Neurons and filters of the smallest L1 norm go; single weights are judged by magnitude.",
      source: "Li et al. 2017, arXiv:1608.08710"),
    weights: .magnitude,
    channels: .weights { weight, layer in
      ChannelNorms.sums(of: weight, axis: layer.outputAxis) { Double($0.magnitude) }
    })
}
