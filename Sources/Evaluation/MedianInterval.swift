import TensorCore

extension Statistics {
  /// A 95 % interval of the median that assumes nothing about the distribution: two order statistics whose ranks come
  /// from the binomial distribution (Conover 1999, Practical Nonparametric Statistics, 3rd ed., section 3.2).
  ///
  /// With fewer than six values no pair of ranks reaches 95 %, and the smallest and largest are given. Nil for none.
  package static func medianInterval(ofSorted values: [Double]) -> Interval? {
    guard let first = values.first, let last = values.last else { return nil }
    let rank = medianIntervalRank(count: values.count)
    guard rank > 0 else { return Interval(low: first, high: last) }
    return Interval(low: values[rank - 1], high: values[values.count - rank])
  }

  /// The largest rank k with P(Binomial(count, 1/2) < k) <= 2.5 %; 0 where there is none.
  static func medianIntervalRank(count: Int) -> Int {
    guard count >= 6 else { return 0 }
    if count > 500 {
      // The exact sum would underflow; the normal approximation is off by less than one rank here.
      return max(1, Int((Double(count) / 2 - z95 * Double(count).squareRoot() / 2).rounded(.down)))
    }
    var probability = 1.0
    for _ in 0..<count { probability /= 2 }
    var cumulative = 0.0
    var rank = 0
    while rank < count {
      cumulative += probability
      if cumulative > 0.025 { break }
      rank += 1
      probability *= Double(count - rank + 1) / Double(rank)
    }
    return rank
  }
}
