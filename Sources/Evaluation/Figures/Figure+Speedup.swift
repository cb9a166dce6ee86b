extension Figure {
  static let speedup = Figure(
    key: "speedup", title: "speed-up", label: "faster", group: "latency", unit: .factor, better: .higher,
    meaning: "Median of original over compressed time, pair by pair, and its 95 % interval.",
    value: .number("speedup", column: "speedup") { $0.latency?.speedup },
    interval: .interval("speedup_interval", columns: ["speedup_low", "speedup_high"]) {
      $0.latency?.speedupInterval
    },
    combination: .factors, provenance: Figure.latency.provenance)
}
