import Recipes

extension PruningCriterion {
  package static let activation = PruningCriterion(
    "activation",
    MethodNote(
      "Channels of the smallest mean activation go.", needs: .calibrationData,
      source: "Molchanov et al. 2017, arXiv:1611.06440"),
    channels: .readings { $0.statistics.meanMagnitudes },
    branches: .outputs { added, _ in added.meanMagnitude })
}
