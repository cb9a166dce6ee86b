extension Metric {
  package static let top5 = Metric(
    key: "top-5", label: "top-5", meaning: "Share of samples whose label is among the five largest outputs.",
    references: [.labels]
  ) { output in
    guard output.size > 5 else { throw output.misfit("top-5", "more than five classes") }
    let labels = try ClassLabels(output, perSample: 1, classes: output.size)
    return Judge(
      width: 5, references: labels.numbers, referenceWidth: 1,
      rule: .right { answer, wanted in wanted.first.map(answer.contains) ?? false },
      grid: ClassGrid(oneAnswerOf: output.size), notices: labels.notices
    ) { sample, numbers in
      let isKnown = !sample.contains { $0.isNaN }
      let best = sample.indices.sorted { (sample[$0], -$0) > (sample[$1], -$1) }.prefix(5)
      numbers += isKnown ? best.map { Float($0) } : [Float](repeating: -1, count: 5)
    }
  }
}
