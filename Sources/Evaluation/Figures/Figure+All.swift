extension Figure {
  /// Every figure, in the order of a sweep's columns.
  package static let all: [Figure] = [
    .size,
    .deflatedSize,
    .accuracy,
    .difference,
    .latency,
    .latencyP95,
    .speedup,
    .energy,
    .multiplyAdds,
    .executedMultiplyAdds,
    .parameters,
    .nonzeros,
    .bitsPerWeight,
  ]

  /// The same by group, groups in the order of their first figure.
  package static let groups: [[Figure]] = {
    var names: [String] = []
    for figure in all where !names.contains(figure.group) { names.append(figure.group) }
    return names.map { name in all.filter { $0.group == name } }
  }()

  /// What a key steps through to show accuracy against.
  package static let axes = all.filter(\.isAxis)
}
