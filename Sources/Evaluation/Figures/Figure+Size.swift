extension Figure {
  package static let size = Figure(
    key: "size", title: "size", label: "size", group: "size", unit: .bytes, better: .lower,
    meaning: "Exact bytes of all weights as stored: packed codes, scales, zero points, masks, biases.",
    value: .whole("bytes", column: "size_bytes") { $0.size.bytes },
    original: .whole("original_bytes", column: "original_size_bytes") { $0.size.originalBytes },
    gain: "smaller", combination: .shares, isAxis: true, provenance: { _ in .exact })
}
