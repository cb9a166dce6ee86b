import TensorCore

extension Figure {
  /// One value of what was measured, as files name it.
  package struct Field: Sendable {
    /// Its name in the JSON object of its group; nil where JSON does not have it.
    package let name: String?
    /// Its column in a sweep's CSV, two for an interval; none where a table does not have it.
    package let columns: [String]
    package let read: @Sendable (Readings) -> FieldValue?

    static func whole(
      _ name: String?, column: String? = nil, _ read: @escaping @Sendable (Readings) -> Int?
    ) -> Field {
      Field(name: name, columns: column.map { [$0] } ?? []) { read($0).map(FieldValue.whole) }
    }

    static func number(
      _ name: String?, column: String? = nil, _ read: @escaping @Sendable (Readings) -> Double?
    ) -> Field {
      Field(name: name, columns: column.map { [$0] } ?? []) { read($0).map(FieldValue.number) }
    }

    static func text(
      _ name: String?, column: String? = nil, _ read: @escaping @Sendable (Readings) -> String?
    ) -> Field {
      Field(name: name, columns: column.map { [$0] } ?? []) { read($0).map(FieldValue.text) }
    }

    static func interval(
      _ name: String?, columns: [String] = [], _ read: @escaping @Sendable (Readings) -> Interval?
    ) -> Field {
      Field(name: name, columns: columns) { read($0).map(FieldValue.interval) }
    }

    /// Only JSON has it.
    static func fields(
      _ name: String, _ read: @escaping @Sendable (Readings) -> [String: FieldValue]?
    ) -> Field {
      Field(name: name, columns: []) { read($0).map(FieldValue.fields) }
    }

    /// Only JSON has it.
    static func list(_ name: String, _ read: @escaping @Sendable (Readings) -> [FieldValue]?) -> Field {
      Field(name: name, columns: []) { read($0).map(FieldValue.list) }
    }

    /// A text for each column, empty where nothing is known.
    package func cells(_ readings: Readings) -> [String] {
      guard !columns.isEmpty else { return [] }
      return read(readings)?.cells ?? Array(repeating: "", count: columns.count)
    }
  }

  package indirect enum FieldValue: Sendable, Hashable {
    case whole(Int)
    case number(Double)
    case interval(Interval)
    case text(String)
    /// Values by name.
    case fields([String: FieldValue])
    case list([FieldValue])

    /// Nil for what is not a single number.
    package var number: Double? {
      switch self {
      case .whole(let value): Double(value)
      case .number(let value): value
      case .interval, .text, .fields, .list: nil
      }
    }

    fileprivate var cells: [String] {
      switch self {
      case .whole(let value): ["\(value)"]
      case .number(let value): ["\(value)"]
      case .interval(let interval): ["\(interval.low)", "\(interval.high)"]
      case .text(let text): [text]
      case .fields, .list: []
      }
    }
  }
}

/// A field of its own kind in JSON: a number, a text, or the two ends of an interval.
extension Figure.FieldValue: Encodable {
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .whole(let value): try container.encode(value)
    case .number(let value): try container.encode(value)
    case .interval(let interval): try container.encode([interval.low, interval.high])
    case .text(let text): try container.encode(text)
    case .fields(let values): try container.encode(values)
    case .list(let values): try container.encode(values)
    }
  }
}
