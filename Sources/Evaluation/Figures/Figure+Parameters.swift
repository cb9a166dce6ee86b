extension Figure {
  static let parameters = Figure(
    key: "parameters", title: "parameters", label: "parameters", group: "size", unit: .count, better: .lower,
    meaning: "Weights of the compressed model.",
    value: .whole("parameters", column: "parameters") { $0.size.parameters }, provenance: { _ in .exact })
}
