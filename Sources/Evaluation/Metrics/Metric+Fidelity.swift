extension Metric {
  package static let fidelity = Metric(
    key: "fidelity", label: "same answer as the original",
    meaning: "Share of samples whose largest output is the original's.", references: [.original]
  ) { output in
    guard output.size > 1 else { throw output.misfit("fidelity", "at least two classes") }
    return Judge.scores(ClassGrid(oneAnswerOf: output.size))
  }
}

extension Judge {
  /// Scores of classes held against the original's: the answers that are the same, and how far the scores are.
  static func scores(_ grid: ClassGrid) -> Judge {
    let (classes, positions) = (grid.classes, grid.positions.count)
    guard classes * positions <= mostScores else {
      return Judge(
        width: positions, rule: positions == 1 ? .right { same($0, $1) == 1 } : .share { same($0, $1) },
        grid: grid
      ) { grid.appendClasses(of: $0, to: &$1) }
    }
    let isOne = positions == 1
    @Sendable func agreement(_ answer: Numbers, _ wanted: Numbers) -> Double {
      let equal = (0..<positions).count { position in
        let best = largest(wanted, position, classes)
        return best >= 0 && largest(answer, position, classes) == best
      }
      return Double(equal) / Double(max(1, positions))
    }
    return Judge(
      width: classes * positions,
      rule: isOne ? .right { agreement($0, $1) == 1 } : .share { agreement($0, $1) },
      asides: [.divergence(classes: classes), .signalToNoise], grid: grid
    ) { grid.appendScores(of: $0, to: &$1) }
  }

  /// Beyond this many scores of a sample only the answers are kept.
  private static let mostScores = 1 << 20

  private static func largest(_ numbers: Numbers, _ position: Int, _ classes: Int) -> Int {
    let start = numbers.startIndex + position * classes
    return ClassGrid.largest(classes) { numbers[start + $0] }
  }

  /// The share of equal class numbers; -1 equals nothing.
  package static func same(_ answer: Numbers, _ wanted: Numbers) -> Double {
    let equal = zip(answer, wanted).count { $1 >= 0 && $0 == $1 }
    return Double(equal) / Double(max(1, wanted.count))
  }
}
