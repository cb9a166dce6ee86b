/// A way to judge a model's output: what is compared of it, with what, and how near is said to be right.
///
/// `Metric.all` lists them: `--metric`, cards, JSON and documentation know them by their keys.
package struct Metric: Sendable {
  /// As `--metric`, cards and JSON name it.
  package let key: String
  /// On an axis, such as "same answer as the original".
  package let label: String
  /// What it says, for docs and help.
  package let meaning: String
  /// What it can compare answers with.
  let references: Set<Reference>
  /// Made ready for an output.
  let judge: @Sendable (JudgedOutput) throws -> Judge

  /// What answers are held against.
  enum Reference: Sendable, Hashable {
    /// Labels or targets of the data.
    case labels
    /// The original model's answers to the same samples.
    case original
  }

  /// Whether it cannot do without labels.
  package var needsLabels: Bool { !references.contains(.original) }

  /// The metric of that key; nil where there is none. A card's "mse" is `r2`, the same error as a share of the variance.
  package init?(key: String) {
    guard let found = Metric.all.first(where: { $0.key == key }) else {
      if key == "mse" { self = .r2 } else { return nil }
      return
    }
    self = found
  }

  init(
    key: String, label: String, meaning: String, references: Set<Reference>,
    judge: @escaping @Sendable (JudgedOutput) throws -> Judge
  ) {
    self.key = key
    self.label = label
    self.meaning = meaning
    self.references = references
    self.judge = judge
  }
}

/// Two metrics are the same where their keys are.
extension Metric: Hashable {
  package static func == (left: Metric, right: Metric) -> Bool { left.key == right.key }
  package func hash(into hasher: inout Hasher) { hasher.combine(key) }
}

/// By its key.
extension Metric: Codable {
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let key = try container.decode(String.self)
    guard let metric = Metric(key: key) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "no metric \(key)")
    }
    self = metric
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(key)
  }
}
