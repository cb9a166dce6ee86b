import Foundation

extension Aside {
  /// Mean Kullback-Leibler divergence of a position's distribution over classes from the original's, in nats. Scores that
  /// are no probabilities yet are made such by a softmax.
  package static func divergence(classes: Int) -> Aside {
    Aside(key: "kl", sums: [0, 0]) { sums, answer, wanted in
      for start in stride(from: 0, to: wanted.count - classes + 1, by: classes) {
        let first = distribution(wanted, start, classes)
        let second = distribution(answer, start, classes)
        sums[0] += zip(first, second).reduce(0) { sum, pair in
          pair.0 > 0 ? sum + pair.0 * log(pair.0 / max(pair.1, 1e-30)) : sum
        }
        sums[1] += 1
      }
    } value: { sums in
      sums[1] > 0 && sums[0].isFinite ? max(0, sums[0] / sums[1]) : nil
    }
  }

  private static func distribution(_ numbers: Judge.Numbers, _ start: Int, _ classes: Int) -> [Double] {
    let values = numbers.dropFirst(start).prefix(classes).map { Double($0) }
    let sum = values.reduce(0, +)
    if abs(sum - 1) < 1e-3, !values.contains(where: { $0 < 0 }) { return values.map { $0 / sum } }
    let largest = values.max() ?? 0
    let powers = values.map { exp($0 - largest) }
    let total = powers.reduce(0, +)
    return powers.map { $0 / total }
  }
}
