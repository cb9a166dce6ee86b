extension Metric {
  package static let top1 = Metric(
    key: "top-1", label: "top-1", meaning: "Share of samples whose largest output is that of the label.",
    references: [.labels]
  ) { output in
    let grid = ClassGrid(oneAnswerOf: output.size)
    let labels = try ClassLabels(output, perSample: 1, classes: output.size)
    return Judge(
      width: 1, references: labels.numbers, rule: .right { $0.first == $1.first }, grid: grid,
      notices: labels.notices
    ) { grid.appendClasses(of: $0, to: &$1) }
  }
}
