extension Figure {
  static let bitsPerWeight = Figure(
    key: "bits-per-weight", title: "bits per weight", label: "bits/weight", group: "size", unit: .number,
    better: .lower,
    meaning: "Stored bits, with scales, zero points, indices and masks, over the number of the original's "
      + "weights.",
    value: .number("bits_per_weight", column: "bits_per_weight") { $0.size.bitsPerWeight(of: $0.size.bytes) },
    original: .number("original_bits_per_weight") { $0.size.bitsPerWeight(of: $0.size.originalBytes) },
    provenance: { $0.size.originalParameters == nil ? nil : .exact })
}

extension SizeReading {
  /// Nil where the original has no weights, or their number is not known.
  fileprivate func bitsPerWeight(of bytes: Int) -> Double? {
    guard let originalParameters, originalParameters > 0 else { return nil }
    return Double(bytes) * 8 / Double(originalParameters)
  }
}
