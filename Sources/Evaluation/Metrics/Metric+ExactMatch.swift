import GraphIR

extension Metric {
  package static let exactMatch = Metric(
    key: "exact-match", label: "exact match",
    meaning: "Share of samples whose largest output is right at every position that the task reads.",
    references: [.labels, .original]
  ) { output in
    guard output.sample.count == 2 else { throw output.misfit("exact-match", "[N, T, classes]") }
    var grid = output.grid()
    var labels: ClassLabels?
    if output.reference == .labels {
      if case .sequence(let start, let length) = output.data.task {
        guard start >= 0, length > 0, start + length <= output.sample[0] else {
          throw EvaluationError.output(
            expected: "[N, T, vocabulary] with T at least \(start + length)", found: "\(output.type)")
        }
        grid = ClassGrid(sample: output.sample, axis: 1).reading(start..<start + length)
      }
      labels = try ClassLabels(output, perSample: grid.positions.count, classes: grid.classes)
    }
    let (read, isLabelled) = (grid, labels != nil)
    return Judge(
      width: grid.positions.count, references: labels?.numbers,
      rule: .right { answer, wanted in
        zip(answer, wanted).allSatisfy { $1 < 0 ? isLabelled : $0 == $1 }
      }, grid: read, notices: labels?.notices ?? []
    ) { read.appendClasses(of: $0, to: &$1) }
  }
}
