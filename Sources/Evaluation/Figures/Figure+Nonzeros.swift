extension Figure {
  static let nonzeros = Figure(
    key: "nonzeros", title: "nonzeros", label: "nonzeros", group: "size", unit: .count, better: .lower,
    meaning: "Weights of the compressed model that are not zero.",
    value: .whole("nonzeros", column: "nonzeros") { $0.size.nonzeros }, provenance: { _ in .exact })
}
