import Recipes

extension RangeMethod {
  package static let minMax = RangeMethod(
    "min-max", MethodNote("The codes span all values seen.", source: "Wu et al. 2020, arXiv:2004.09602"),
    clips: false,
    weights: { $0.quantizer.grid(low: $0.low, high: $0.high) },
    activations: { ActivationGrid(low: $0.low, high: $0.high, highest: $1) })
}
