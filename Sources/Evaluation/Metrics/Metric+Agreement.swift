extension Metric {
  package static let agreement = Metric(
    key: "agreement", label: "positions that agree",
    meaning:
      "Mean share of a sample's positions whose answer is the original's, or the label; labels below 0 do not "
      + "count.",
    references: [.labels, .original]
  ) { output in
    if output.kind == .numbers {
      return Judge(width: output.size, rule: .share { Judge.equal($0, $1) }) { $1 += $0 }
    }
    let grid = output.grid()
    guard grid.classes > 1 else { throw output.misfit("agreement", "at least two classes at a position") }
    if output.reference == .original { return Judge.scores(grid) }
    return try Judge.labels(output, grid)
  }
}

extension Judge {
  /// The share of equal numbers; one that is none equals none.
  static func equal(_ answer: Numbers, _ wanted: Numbers) -> Double {
    Double(zip(answer, wanted).count { $0 == $1 }) / Double(max(1, wanted.count))
  }

  /// Answers at each position held against labels.
  static func labels(_ output: JudgedOutput, _ grid: ClassGrid, asides: [Aside] = []) throws -> Judge {
    let labels = try ClassLabels(output, perSample: grid.positions.count, classes: grid.classes)
    return Judge(
      width: grid.positions.count, references: labels.numbers,
      rule: .share { answer, wanted in
        let counted = wanted.count { $0 >= 0 }
        return counted == 0 ? 1 : same(answer, wanted) * Double(wanted.count) / Double(counted)
      }, asides: asides, grid: grid, notices: labels.notices
    ) { grid.appendClasses(of: $0, to: &$1) }
  }
}
