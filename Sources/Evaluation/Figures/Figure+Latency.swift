extension Figure {
  package static let latency = Figure(
    key: "latency", title: "latency", label: "latency p50", group: "latency", unit: .nanoseconds,
    better: .lower,
    meaning: "Median time of one run.",
    value: .number("p50_nanoseconds", column: "latency_p50_ns") { $0.latency?.p50 },
    original: .number(nil) { $0.latency?.originalP50 },
    facts: [
      Fact(
        .whole("runs") { $0.latency?.runs }, .whole("batch") { $0.latency?.batch },
        .whole("threads") { $0.latency?.threads },
        meaning: "Runs of each, samples of one run, and the threads that share it.")
    ],
    isAxis: true,
    provenance: { readings in
      readings.latency.map {
        let threads = $0.threads == 1 ? "1 thread" : "\($0.threads) threads"
        return Provenance(kind: .measured, detail: "\($0.runs) runs, batch \($0.batch), \(threads)")
      }
    })
}
