import Recipes

extension RangeMethod {
  package static let movingAverage = RangeMethod(
    "moving-average",
    MethodNote(
      "Activations span the mean of the batches' ranges; weights span all values.",
      needs: .condition("8- or 4-bit activations"), source: "Jacob et al. 2018, arXiv:1712.05877"),
    clips: false,
    weights: nil,
    activations: { ActivationGrid(low: $0.averageLow, high: $0.averageHigh, highest: $1) })
}
