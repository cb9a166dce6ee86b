import Recipes

extension PruningCriterion {
  package static let batchNorm = PruningCriterion(
    "batch-norm",
    MethodNote(
      "Channels of the smallest batch-normalization scale go.",
      needs: .condition("batch normalization behind the layer"), source: "Liu et al. 2017, arXiv:1708.06519"),
    channels: .scales { Double($0.magnitude) })
}
