extension Figure {
  static let executedMultiplyAdds = Figure(
    key: "executed-multiply-adds", title: "executed multiply-adds", label: "executed", group: "operations",
    unit: .count, better: .lower,
    meaning: "The same without the zeros that the kernels at work skip.",
    value: .whole("executed_macs", column: "executed_macs") { $0.operations?.executedMacs }, isAxis: true,
    provenance: { $0.operations == nil ? nil : .exact })
}
