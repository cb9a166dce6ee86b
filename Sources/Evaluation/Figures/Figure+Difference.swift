extension Figure {
  static let difference = Figure(
    key: "difference", title: "difference of accuracy", label: "change", group: "accuracy", unit: .points,
    better: .higher,
    meaning: "Paired difference from the original and its 95 % interval.",
    value: .number("difference", column: "difference") { $0.accuracy?.difference },
    interval: .interval("difference_interval", columns: ["difference_low", "difference_high"]) {
      $0.accuracy?.differenceInterval
    },
    facts: [
      Fact(
        .whole("only_original_correct") { $0.accuracy?.onlyOriginalCorrect },
        .whole("only_compressed_correct") { $0.accuracy?.onlyCompressedCorrect },
        meaning: "The discordant pairs: samples that only one of the two gets right.")
    ],
    combination: .changes,
    provenance: { readings in readings.accuracy.map { _ in Provenance(kind: .measured, detail: "paired") } })
}
