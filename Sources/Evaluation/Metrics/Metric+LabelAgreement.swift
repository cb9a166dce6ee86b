extension Metric {
  package static let labelAgreement = Metric(
    key: "label-agreement", label: "labels that agree",
    meaning:
      "Of outputs that are yes or no each: mean share of a sample's that are the original's, or the label.",
    references: [.labels, .original]
  ) { output in
    // Probabilities part at a half, scores at zero.
    let threshold: Float = if case .flags(let threshold) = output.kind { threshold } else { 0 }
    let size = output.size
    var wanted: [Float]?
    if output.reference == .labels {
      let data = output.data
      guard let targets = data.targets, targets.count == data.count * size else {
        throw EvaluationError.targets(
          data: data.name, expected: "0 or 1 for each of \(size) labels of a sample",
          found: data.targets.map { "\($0.shape)" } ?? "missing")
      }
      wanted = targets.floats.map { $0 > 0.5 ? 1 : 0 }
    }
    return Judge(
      width: size, references: wanted, rule: .share { Judge.same($0, $1) }, asides: [.wholeSamples]
    ) { sample, numbers in
      for value in sample { numbers.append(value.isNaN ? -1 : value > threshold ? 1 : 0) }
    }
  }
}
