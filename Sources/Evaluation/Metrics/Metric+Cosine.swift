extension Metric {
  package static let cosine = Metric(
    key: "cosine", label: "cosine to the original's",
    meaning: "Mean cosine of the angle between an embedding, along the last axis, and the original's.",
    references: [.original]
  ) { output in
    let width = output.sample.last ?? 1
    guard width > 1 else { throw output.misfit("cosine", "vectors along the last axis") }
    let size = output.size
    return Judge(
      width: size,
      rule: .nearness { answer, wanted in
        let rows = size / width
        let sum = (0..<rows).reduce(0.0) { sum, row in
          sum
            + Judge.cosine(
              answer.dropFirst(row * width).prefix(width), wanted.dropFirst(row * width).prefix(width))
        }
        return sum / Double(max(1, rows))
      }, asides: [.signalToNoise]
    ) { $1 += $0 }
  }
}

extension Judge {
  /// 1 for two vectors of zeros, 0 where one of them is zero or holds what is no number.
  package static func cosine(_ left: Numbers, _ right: Numbers) -> Double {
    var (product, first, second) = (0.0, 0.0, 0.0)
    for (one, other) in zip(left, right) {
      product += Double(one) * Double(other)
      first += Double(one) * Double(one)
      second += Double(other) * Double(other)
    }
    if first == 0, second == 0 { return 1 }
    let cosine = product / (first * second).squareRoot()
    return cosine.isFinite ? min(max(cosine, -1), 1) : 0
  }
}
