extension Metric {
  /// Every metric there is.
  package static let all: [Metric] = [
    .top1,
    .top5,
    .exactMatch,
    .fidelity,
    .agreement,
    .pixelAgreement,
    .labelAgreement,
    .r2,
    .cosine,
  ]
}
