import TensorCore

/// Something that is known of a compressed model: what it is called, its unit, which way is better, and how it is read
/// from what was measured.
///
/// `Figure.all` lists them. The list gives the fields of `--json` and their table in docs/json.md, the columns of sweeps,
/// the lines of reports, the rows of the comparison, the axes of the chart and the columns of interactions.
package struct Figure: Sendable {
  /// Its name on the command line and in the palette.
  package let key: String
  /// Its name where it stands alone, such as on an axis.
  package let title: String
  /// Its name in a list of figures, at most 11 letters, beneath the group's first.
  package let label: String
  /// The object in JSON that holds it; figures of one group are shown together.
  package let group: String
  package let unit: Unit
  package let better: Better
  /// What it says, for the table in docs/json.md.
  package let meaning: String
  package let value: Field
  /// The 95 % interval of the value.
  package let interval: Field?
  /// The original's value, in the same unit.
  package let original: Field?
  package let originalInterval: Field?
  /// What has to be known to judge the value; of a group, the first figure has it.
  package let facts: [Fact]
  /// What a value n times as good as the original's is called, as in "2.9x smaller".
  package let gain: String?
  /// How what single steps of a recipe do to it is put together; nil where the table of interactions leaves it out.
  package let combination: Combination?
  /// Whether the key that changes the chart's axis stops at it; the palette reaches every figure.
  package let isAxis: Bool
  /// Where the value comes from; nil where there is none.
  package let provenance: @Sendable (Readings) -> Provenance?

  /// What a value counts.
  package enum Unit: Sendable, Hashable, CaseIterable {
    case bytes, nanoseconds, joules, count
    /// A share, 0...1.
    case fraction
    /// A difference of two shares.
    case points
    /// How many times.
    case factor
    /// Anything else, in plain numbers.
    case number
  }

  package enum Better: Sendable, Hashable, CaseIterable { case lower, higher }

  package enum Combination: Sendable, Hashable {
    /// Shares of the original's value multiply.
    case shares
    /// The values themselves are factors and multiply.
    case factors
    /// The values themselves are changes and add up.
    case changes
  }

  /// Fields that belong to a figure without being one.
  package struct Fact: Sendable {
    package let fields: [Field]
    package let meaning: String

    init(_ fields: Field..., meaning: String) {
      self.fields = fields
      self.meaning = meaning
    }
  }

  init(
    key: String, title: String, label: String, group: String, unit: Unit, better: Better, meaning: String,
    value: Field, interval: Field? = nil, original: Field? = nil, originalInterval: Field? = nil,
    facts: [Fact] = [], gain: String? = nil, combination: Combination? = nil, isAxis: Bool = false,
    provenance: @escaping @Sendable (Readings) -> Provenance?
  ) {
    self.key = key
    self.title = title
    self.label = label
    self.group = group
    self.unit = unit
    self.better = better
    self.meaning = meaning
    self.value = value
    self.interval = interval
    self.original = original
    self.originalInterval = originalInterval
    self.facts = facts
    self.gain = gain
    self.combination = combination
    self.isAxis = isAxis
    self.provenance = provenance
  }
}

extension Figure {
  package func value(in readings: Readings) -> Double? { value.read(readings)?.number }

  package func original(in readings: Readings) -> Double? { original?.read(readings)?.number }

  package func interval(in readings: Readings) -> Interval? {
    guard case .interval(let interval) = interval?.read(readings) else { return nil }
    return interval
  }

  /// How many times as good as the original's the value is; nil where either is not known or zero.
  package func gain(in readings: Readings) -> Double? {
    guard let value = value(in: readings), let original = original(in: readings), value > 0, original > 0
    else { return nil }
    switch better {
    case .lower: return original / value
    case .higher: return value / original
    }
  }

  /// All fields in the order in which a table has them.
  package var fields: [Field] {
    [value, interval, original, originalInterval].compactMap(\.self) + facts.flatMap(\.fields)
  }
}

/// By their keys.
extension Figure: Hashable {
  package static func == (left: Figure, right: Figure) -> Bool { left.key == right.key }
  package func hash(into hasher: inout Hasher) { hasher.combine(key) }
}
