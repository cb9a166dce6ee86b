import Recipes

extension PruningAllocation {
  package static let uniform = PruningAllocation(
    "uniform",
    MethodNote("Every layer gives the same share.", source: "Blalock et al. 2020, arXiv:2003.03033"),
    isPerLayer: true,
    weights: { shares in shares.sizes.map { min($0, Int((shares.ratio * Double($0)).rounded())) } },
    channels: { shares in shares.sizes.map { Int((shares.ratio * Double($0)).rounded()) } })
}
