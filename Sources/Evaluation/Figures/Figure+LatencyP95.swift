extension Figure {
  static let latencyP95 = Figure(
    key: "latency-p95", title: "latency p95", label: "p95", group: "latency", unit: .nanoseconds,
    better: .lower,
    meaning: "The time that 95 % of the runs stay below, and the original's.",
    value: .number("p95_nanoseconds", column: "latency_p95_ns") { $0.latency?.p95 },
    original: .number("original_p95_nanoseconds") { $0.latency?.originalP95 },
    facts: [
      Fact(
        .number("original_p50_nanoseconds", column: "original_latency_p50_ns") { $0.latency?.originalP50 },
        meaning: "The original's median, measured in turns with it.")
    ],
    provenance: Figure.latency.provenance)
}
