extension Figure {
  static let energy = Figure(
    key: "energy", title: "energy", label: "energy", group: "energy", unit: .joules, better: .lower,
    meaning: "Energy of one run.",
    value: .number("joules", column: "energy_joules") { $0.energy?.joules },
    original: .number("original_joules") { $0.energy?.originalJoules },
    facts: [
      Fact(
        .text("source", column: "energy_source") { $0.energy?.source.rawValue },
        .text("model") { $0.energy?.model },
        meaning: "`measured` or `estimated`, and the meter or the model behind the estimate.")
    ],
    isAxis: true,
    provenance: { readings in
      readings.energy.map {
        switch $0.source {
        case .measured: Provenance(kind: .measured, detail: $0.model)
        case .estimated: Provenance(kind: .estimated, detail: $0.model)
        }
      }
    })
}
