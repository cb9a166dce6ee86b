import Kernels
import Recipes

extension PruningAllocation {
  /// Weights by their magnitudes; channels by their scores over the mean of their space.
  package static let global = PruningAllocation(
    "global",
    MethodNote(
      "One threshold for the whole model: layers of small weights give more.",
      source: "Blalock et al. 2020, arXiv:2003.03033"),
    isThreshold: true,
    weights: { shares in
      let (sizes, total) = (shares.sizes, shares.total)
      guard total > 0 else { return sizes.map { _ in 0 } }
      let smallest = MagnitudeSelection(selecting: total, of: sizes.count, visit: shares.visit)
      return sizes.indices.map { index in
        var count = 0
        shares.visit(index) { values in count = smallest.count(in: values, array: index) }
        return count
      }
    },
    channels: { shares in
      shares.lowest { scores in
        let mean = scores.reduce(0, +) / Double(max(scores.count, 1))
        return scores.map { mean > 0 ? $0 / mean : $0 }
      }
    })
}
