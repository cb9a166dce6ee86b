/// Reads "from:to:step" and comma-separated lists.
enum SweepRange {
  /// Numbers in the order given; a range runs from its start to its end, both included, rounded to nine decimals so
  /// that 0:0.9:0.1 holds 0.3 and not 0.30000000000000004.
  static func numbers(_ text: String, knob: String, allowed: ClosedRange<Double>) throws -> [Double] {
    var values: [Double] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      values += try part.contains(":") ? range(part, in: text) : [number(part, in: text)]
    }
    if let outside = values.first(where: { !allowed.contains($0) }) {
      throw SearchError.outOfBounds(
        knob: knob, value: "\(outside)", allowed: "\(allowed.lowerBound) to \(allowed.upperBound)")
    }
    return values
  }

  static func labels<Value>(
    _ text: String, knob: String, choices: [String], _ value: (String) -> Value?
  ) throws -> [Value] {
    try text.split(separator: ",", omittingEmptySubsequences: false).map { part in
      let label = part.trimmingWhitespace
      guard let value = value(label) else {
        throw SearchError.outOfBounds(knob: knob, value: label, allowed: choices.joined(separator: ", "))
      }
      return value
    }
  }

  private static func range(_ part: Substring, in text: String) throws -> [Double] {
    let fields = try part.split(separator: ":", omittingEmptySubsequences: false).map {
      try number($0, in: text)
    }
    guard fields.count == 3, fields[2] > 0, fields[1] >= fields[0] else {
      throw SearchError.range(text: text, expected: expected)
    }
    let steps = (fields[1] - fields[0]) / fields[2] + 1e-9
    guard steps < Double(SweepGrid.limit) else {
      throw SearchError.tooMany(count: Int(min(steps, 1e15)), limit: SweepGrid.limit)
    }
    return (0...Int(steps)).map { index in
      ((fields[0] + Double(index) * fields[2]) * 1e9).rounded() / 1e9
    }
  }

  private static func number(_ part: Substring, in text: String) throws -> Double {
    guard let value = Double(part.trimmingWhitespace), value.isFinite else {
      throw SearchError.range(text: text, expected: expected)
    }
    return value
  }

  private static let expected =
    "FROM:TO:STEP with a positive step, such as 0:0.9:0.1, or a list such as 0,0.5,0.9"
}

extension Substring {
  fileprivate var trimmingWhitespace: String {
    String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }
}
