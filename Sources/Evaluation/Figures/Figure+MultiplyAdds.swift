extension Figure {
  static let multiplyAdds = Figure(
    key: "multiply-adds", title: "multiply-adds", label: "MACs", group: "operations", unit: .count,
    better: .lower,
    meaning: "Multiply-adds of one sample, exact: removed channels and factor pairs as they are, zeros of "
      + "unstructured pruning counted in full.",
    value: .whole("macs", column: "macs") { $0.operations?.macs },
    original: .whole("original_macs", column: "original_macs") { $0.operations?.originalMacs },
    provenance: { $0.operations == nil ? nil : .exact })
}
