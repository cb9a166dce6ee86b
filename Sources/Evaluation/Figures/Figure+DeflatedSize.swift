extension Figure {
  static let deflatedSize = Figure(
    key: "deflated-size", title: "deflated size", label: "zipped", group: "size", unit: .bytes,
    better: .lower,
    meaning: "The same bytes after deflate at level 6.",
    value: .whole("deflated_bytes", column: "deflated_bytes") { $0.size.deflatedBytes },
    original: .whole("original_deflated_bytes") { $0.size.originalDeflatedBytes },
    provenance: { $0.size.deflatedBytes == nil ? nil : .exact })
}
