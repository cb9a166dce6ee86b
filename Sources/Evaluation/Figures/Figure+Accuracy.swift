extension Figure {
  package static let accuracy = Figure(
    key: "accuracy", title: "accuracy", label: "accuracy", group: "accuracy", unit: .fraction,
    better: .higher,
    meaning: "The score and the original's on the same samples, each with its 95 % interval.",
    value: .number("fraction", column: "accuracy_fraction") { $0.accuracy?.value },
    interval: .interval("fraction_interval", columns: ["accuracy_low", "accuracy_high"]) {
      $0.accuracy?.interval
    },
    original: .number("original_fraction", column: "original_accuracy_fraction") {
      $0.accuracy?.originalValue
    },
    originalInterval: .interval("original_fraction_interval") { $0.accuracy?.originalInterval },
    facts: [
      Fact(
        .text("metric") { $0.accuracy?.metric.rawValue },
        meaning: "`top-1`, `exact-match`, `fidelity` (same arg-max as the original) or `r2`."),
      Fact(
        .whole("samples") { $0.accuracy?.samples }, .text("data") { $0.accuracy?.data },
        meaning: "Evaluation samples seen, and the data's name."),
    ],
    provenance: { readings in
      readings.accuracy.map {
        Provenance(kind: .measured, detail: "\($0.metric.rawValue) on \($0.samples) samples of \($0.data)")
      }
    })
}
