import Kernels

/// How much each layer gives of what is to go.
package enum PruningAllocation: String, SettingChoice {
  case global, uniform, erk, lamp

  package var note: MethodNote {
    switch self {
    case .global:
      MethodNote(
        "One threshold for the whole model: layers of small weights give more.",
        source: "Blalock et al. 2020, arXiv:2003.03033")
    case .uniform:
      MethodNote("Every layer gives the same share.", source: "Blalock et al. 2020, arXiv:2003.03033")
    case .erk:
      MethodNote(
        "Layers with many weights per neuron give more (Erdos-Renyi-Kernel).",
        source: "Evci et al. 2020, arXiv:1911.11134")
    case .lamp:
      MethodNote(
        "One threshold for the whole model, each weight weighed against the larger ones of its layer.",
        source: "Lee et al. 2021, arXiv:2010.07611")
    }
  }
}

/// What a criterion is told of a layer when shares are given out.
struct PruningShare {
  /// How many weights each layer gives, of none more than it has: uniformly each its own share, otherwise that share of
  /// all of them exactly.
  ///
  /// - Parameters:
  ///   - shapes: each weight's shape, outputs and inputs first.
  ///   - magnitudes: visits the values of the layer with the given index.
  static func counts(
    _ ratio: Double, of shapes: [[Int]], _ allocation: PruningAllocation,
    visit: (Int, (UnsafeBufferPointer<Float>) -> Void) -> Void
  ) -> [Int] {
    let sizes = shapes.map { $0.reduce(1, *) }
    let total = Int((ratio * Double(sizes.reduce(0, +))).rounded())
    switch allocation {
    case .uniform:
      return sizes.map { min($0, Int((ratio * Double($0)).rounded())) }
    case .erk: return erkCounts(ratio, shapes: shapes, sizes: sizes)
    case .global:
      guard total > 0 else { return sizes.map { _ in 0 } }
      let smallest = MagnitudeSelection(selecting: total, of: sizes.count, visit: visit)
      return sizes.indices.map { index in
        var count = 0
        visit(index) { values in count = smallest.count(in: values, array: index) }
        return count
      }
    case .lamp: return lampCounts(total, sizes: sizes, visit: visit)
    }
  }

  /// How many of its things each layer gives, of as many things as `sizes` says, by densities for weights of the shapes.
  static func erkCounts(_ ratio: Double, shapes: [[Int]], sizes: [Int]) -> [Int] {
    let total = Int((ratio * Double(sizes.reduce(0, +))).rounded())
    return rounded(erkShares(total, shapes: shapes, sizes: sizes), sizes: sizes, total: total)
  }

  /// Weights to remove of each layer, as real numbers: densities are proportional to the sum of a weight's dimensions
  /// over their product, none above 1.
  private static func erkShares(_ total: Int, shapes: [[Int]], sizes: [Int]) -> [Double] {
    let raw = shapes.map { shape in
      Double(shape.reduce(0, +)) / max(1, Double(shape.reduce(1, *)))
    }
    let kept = Double(sizes.reduce(0, +) - total)
    var dense: Set<Int> = []
    while true {
      let full = dense.reduce(0.0) { $0 + Double(sizes[$1]) }
      let weight = sizes.indices.filter { !dense.contains($0) }.reduce(0.0) {
        $0 + raw[$1] * Double(sizes[$1])
      }
      let scale = weight > 0 ? max(0, kept - full) / weight : 0
      let over = sizes.indices.filter { !dense.contains($0) && scale * raw[$0] > 1 }
      guard over.isEmpty else {
        dense.formUnion(over)
        continue
      }
      return sizes.indices.map { dense.contains($0) ? 0 : Double(sizes[$0]) * (1 - scale * raw[$0]) }
    }
  }

  /// Whole numbers near the given ones that sum to `total`: the largest fractions are rounded up.
  private static func rounded(_ shares: [Double], sizes: [Int], total: Int) -> [Int] {
    var counts = zip(shares, sizes).map { min($1, max(0, Int($0.rounded(.down)))) }
    var missing = total - counts.reduce(0, +)
    let order = shares.indices.sorted {
      (shares[$1] - Double(counts[$1]), $0) < (shares[$0] - Double(counts[$0]), $1)
    }
    while missing > 0 {
      let before = missing
      for index in order where missing > 0 && counts[index] < sizes[index] {
        counts[index] += 1
        missing -= 1
      }
      if missing == before { break }
    }
    return counts
  }

  private static func lampCounts(
    _ total: Int, sizes: [Int], visit: (Int, (UnsafeBufferPointer<Float>) -> Void) -> Void
  ) -> [Int] {
    guard total > 0 else { return sizes.map { _ in 0 } }
    let scores = sizes.indices.map { index -> [Float] in
      var squares: [Float] = []
      visit(index) { values in squares = values.map { $0 * $0 } }
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
  }
}
