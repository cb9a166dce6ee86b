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
        .text("metric") { $0.accuracy?.metric.key }, .text("output") { $0.accuracy?.output },
        meaning: "How it is judged, and the output that is: "
          + Metric.all.map { "`\($0.key)`" }.joined(separator: ", ") + "; docs/models.md says what each is."),
      Fact(
        .whole("samples") { $0.accuracy?.samples }, .text("data") { $0.accuracy?.data },
        meaning: "Evaluation samples seen, and the data's name."),
      Fact(
        .fields("beside") { $0.accuracy?.asides.map(Figure.values) },
        meaning:
          "What else is known of the output: `kl` (nats), `snr_db`, `psnr_db`, `miou`, `whole_fraction`."),
      Fact(
        .list("other_outputs") { $0.accuracy?.otherOutputs?.map(Figure.values) },
        meaning:
          "The model's other outputs held against the original's: `output`, `metric`, `fraction`, `beside`."),
      Fact(
        .list("not_judged") { $0.accuracy?.leftOut?.map { .text($0) } },
        meaning: "Outputs that are not judged, and why."),
    ],
    provenance: { readings in
      readings.accuracy.map {
        Provenance(
          kind: .measured,
          detail: "\($0.metric.key)\(Figure.output($0)) on \($0.samples) samples of \($0.data)")
      }
    })

  /// Which output, where there are several.
  private static func output(_ reading: AccuracyReading) -> String {
    guard let output = reading.output, reading.otherOutputs != nil || reading.leftOut != nil else {
      return ""
    }
    return " of \(output)"
  }

  private static func values(_ asides: [AsideReading]) -> [String: FieldValue] {
    Dictionary(asides.map { ($0.key, .number($0.value)) }) { first, _ in first }
  }

  private static func values(_ other: OutputReading) -> FieldValue {
    .fields([
      "output": .text(other.output), "metric": .text(other.metric.key), "fraction": .number(other.value),
      "beside": .fields(values(other.asides)),
    ])
  }
}
