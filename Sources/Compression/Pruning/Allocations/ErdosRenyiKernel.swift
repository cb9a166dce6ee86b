import Recipes

extension PruningAllocation {
  package static let erk = PruningAllocation(
    "erk",
    MethodNote(
      "Layers with many weights per neuron give more (Erdos-Renyi-Kernel).",
      source: "Evci et al. 2020, arXiv:1911.11134"),
    weights: { ErdosRenyiKernel.counts($0.ratio, shapes: $0.shapes, sizes: $0.sizes) },
    channels: { ErdosRenyiKernel.counts($0.ratio, shapes: $0.spaces.map(\.shape), sizes: $0.sizes) })
}

private enum ErdosRenyiKernel {
  /// How many of its weights or channels each layer gives, of as many as `sizes` says, by densities for weights of the
  /// shapes.
  fileprivate static func counts(_ ratio: Double, shapes: [[Int]], sizes: [Int]) -> [Int] {
    let total = Int((ratio * Double(sizes.reduce(0, +))).rounded())
    return WholeShares.rounded(shares(total, shapes: shapes, sizes: sizes), sizes: sizes, total: total)
  }

  /// Weights to remove of each layer, as real numbers: densities are proportional to the sum of a weight's dimensions
  /// over their product, none above 1.
  private static func shares(_ total: Int, shapes: [[Int]], sizes: [Int]) -> [Double] {
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
}
