import Recipes

extension PruningCriterion {
  package static let variance = PruningCriterion(
    "variance",
    MethodNote(
      "Channels that vary least go; their mean can be folded into what follows.",
      needs: .calibrationData, source: "Polyak, Wolf 2015, doi:10.1109/ACCESS.2015.2494536"),
    channels: .readings { $0.statistics.variances },
    branches: .outputs { added, _ in added.variance })
}
