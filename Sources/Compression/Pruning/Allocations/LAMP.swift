import Kernels
import Recipes

extension PruningAllocation {
  /// Layer-adaptive magnitude: what is compared is a score over the sum of those at least as high in its layer.
  package static let lamp = PruningAllocation(
    "lamp",
    MethodNote(
      "One threshold for the whole model, each weight weighed against the larger ones of its layer.",
      source: "Lee et al. 2021, arXiv:2010.07611"),
    weights: { shares in
      let (sizes, total) = (shares.sizes, shares.total)
      guard total > 0 else { return sizes.map { _ in 0 } }
      let scores = sizes.indices.map { index -> [Float] in
        var squares: [Float] = []
        shares.visit(index) { values in squares = values.map { $0 * $0 } }
        squares.sort()
        // Each against the sum of itself and all larger ones of its layer.
        var rest = 0.0
        for place in squares.indices.reversed() {
          rest += Double(squares[place])
          squares[place] = rest > 0 ? Float(Double(squares[place]) / rest) : 0
        }
        return squares
      }
      let smallest = MagnitudeSelection(selecting: total, of: scores.count) { index, body in
        scores[index].withUnsafeBufferPointer(body)
      }
      return scores.indices.map { index in
        scores[index].withUnsafeBufferPointer { smallest.count(in: $0, array: index) }
      }
    },
    channels: { shares in
      shares.lowest { scores in
        let order = scores.indices.sorted { (scores[$0], $0) > (scores[$1], $1) }
        var (result, sum) = (scores, 0.0)
        for index in order {
          sum += scores[index]
          result[index] = sum > 0 ? scores[index] / sum : 0
        }
        return result
      }
    })
}
