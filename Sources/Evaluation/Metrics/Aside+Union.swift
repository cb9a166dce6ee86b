extension Aside {
  /// Mean over the classes that occur of the pixels that have a class in both over those that have it in either
  /// (Jaccard's index).
  package static func intersectionOverUnion(classes: Int) -> Aside {
    Aside(key: "miou", sums: [Double](repeating: 0, count: 2 * classes)) { sums, answer, wanted in
      for (found, right) in zip(answer, wanted) where right >= 0 {
        let (found, right) = (Int(found), Int(right))
        if found == right {
          sums[2 * right] += 1
          sums[2 * right + 1] += 1
          continue
        }
        sums[2 * right + 1] += 1
        if found >= 0 { sums[2 * found + 1] += 1 }
      }
    } value: { sums in
      let shares = stride(from: 0, to: sums.count, by: 2).filter { sums[$0 + 1] > 0 }.map {
        sums[$0] / sums[$0 + 1]
      }
      return shares.isEmpty ? nil : shares.reduce(0, +) / Double(shares.count)
    }
  }

  /// Share of samples that are right in every place.
  package static let wholeSamples = Aside(key: "whole_fraction", sums: [0, 0]) { sums, answer, wanted in
    sums[0] += Judge.same(answer, wanted) == 1 ? 1 : 0
    sums[1] += 1
  } value: { sums in
    sums[1] > 0 ? sums[0] / sums[1] : nil
  }
}
