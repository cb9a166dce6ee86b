/// Whole numbers for shares that are not.
enum WholeShares {
  /// Whole numbers near the given ones that sum to `total`: the largest fractions are rounded up.
  static func rounded(_ shares: [Double], sizes: [Int], total: Int) -> [Int] {
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
}
