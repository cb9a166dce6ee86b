/// How a figure is written: with a unit, three significant digits, and a decimal point in every locale.
///
/// Values that are not finite are written `n/a`.
package enum NumberFormat: Hashable, Sendable {
  /// No unit; three significant digits, or so many decimals.
  case plain(decimals: Int?)
  /// Bytes in decimal units: `512 B`, `4.80 MB`.
  case bytes
  /// Seconds from ns to s: `212 us`.
  case seconds
  /// A fraction as percent with one decimal: 0.978 is `97.8 %`.
  case percent
  /// A count with SI prefix: `1.20 M`; whole below a thousand.
  case count
  /// A quotient: `2.9x`.
  case ratio
  /// Joules from pJ to J: `3.10 mJ`.
  case joules

  package static let plain = NumberFormat.plain(decimals: nil)

  package func text(_ value: Double) -> String {
    guard value.isFinite else { return "n/a" }
    switch self {
    case .plain(let decimals): return decimals.map { Self.fixed(value, $0) } ?? Self.significant(value)
    case .percent: return Self.fixed(value * 100, 1) + " %"
    case .ratio: return (abs(value) < 9.95 ? Self.fixed(value, 1) : Self.significant(value)) + "x"
    case .bytes, .seconds, .count, .joules: return scaled(value)
    }
  }

  package func text(_ value: Int) -> String { text(Double(value)) }

  /// A change with its sign, in the unit's own terms: `-0.4 pt` for percent, `+1.20 KB` for bytes.
  package func change(_ value: Double) -> String {
    guard value.isFinite else { return "n/a" }
    let sign = value > 0 ? "+" : ""
    guard self == .percent else { return sign + text(value) }
    let points = Self.fixed(value * 100, 1)
    return (points == "0.0" || points.hasPrefix("-") ? "" : "+") + points + " pt"
  }

  /// A whole number in groups of three: `5 000`.
  package static func grouped(_ value: Int) -> String {
    let digits = Array(String(value.magnitude))
    var result = value < 0 ? "-" : ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { result.append(" ") }
      result.append(digit)
    }
    return result
  }

  /// A value with so many digits after the point (0 to 9).
  package static func fixed(_ value: Double, _ decimals: Int) -> String {
    guard value.isFinite else { return "n/a" }
    let places = min(max(decimals, 0), 9)
    let power = powersOfTen[places]
    let scaled = (value.magnitude * Double(power)).rounded()
    guard scaled < 9e17 else { return "\(value)" }
    let whole = UInt64(scaled)
    let sign = value < 0 && whole > 0 ? "-" : ""
    guard places > 0 else { return sign + "\(whole)" }
    let fraction = String(whole % power)
    let padding = String(repeating: "0", count: places - fraction.count)
    return sign + "\(whole / power)." + padding + fraction
  }

  /// Three significant digits, all digits of the whole part; powers of ten where that reads badly.
  static func significant(_ value: Double) -> String {
    let size = value.magnitude
    if size == 0 { return "0" }
    if size >= 1e7 || size < 1e-3 {
      var exponent = 0
      var mantissa = size
      while mantissa >= 9.995 {
        mantissa /= 10
        exponent += 1
      }
      while mantissa < 0.9995 {
        mantissa *= 10
        exponent -= 1
      }
      return (value < 0 ? "-" : "") + fixed(mantissa, 2) + "e\(exponent)"
    }
    return fixed(value, decimals(for: size))
  }

  /// Digits after the point that make three significant ones.
  private static func decimals(for size: Double) -> Int {
    size >= 99.95 ? 0 : size >= 9.995 ? 1 : size >= 0.9995 ? 2 : size >= 0.09995 ? 3 : 4
  }

  private static let powersOfTen: [UInt64] = [
    1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000,
  ]

  /// Units from small to large; empty where the format has none to choose from.
  private var units: [(size: Double, name: String)] {
    switch self {
    case .bytes: [(1, " B"), (1e3, " KB"), (1e6, " MB"), (1e9, " GB"), (1e12, " TB")]
    case .seconds: [(1e-9, " ns"), (1e-6, " us"), (1e-3, " ms"), (1, " s")]
    case .count: [(1, ""), (1e3, " K"), (1e6, " M"), (1e9, " G"), (1e12, " T")]
    case .joules: [(1e-12, " pJ"), (1e-9, " nJ"), (1e-6, " uJ"), (1e-3, " mJ"), (1, " J")]
    case .plain, .percent, .ratio: []
    }
  }

  /// The whole of these units cannot be divided: no digits after the point.
  private var countsWholes: Bool { self == .bytes || self == .count }

  private func scaled(_ value: Double) -> String {
    let units = units
    let size = value.magnitude
    guard size > 0, let smallest = units.first, let largest = units.last else {
      return "0" + (units.first?.name ?? "")
    }
    // 999.6 KB would be rounded to 1000 KB: it is 1.00 MB.
    let unit = units.first { size / $0.size < 999.5 } ?? largest
    let quotient = value / unit.size
    if unit.size == smallest.size, countsWholes { return Self.fixed(quotient, 0) + unit.name }
    if quotient.magnitude >= 1e6 { return Self.significant(quotient) + unit.name }
    if quotient.magnitude < 0.0995 { return Self.significant(quotient) + unit.name }
    return Self.fixed(quotient, Self.decimals(for: quotient.magnitude)) + unit.name
  }

  /// Labels for the ticks of an axis: one unit for all, and as many digits as the step needs.
  package func labels(for axis: Axis) -> [String] {
    let largest = axis.ticks.reduce(0) { max($0, $1.magnitude) }
    if axis.scale == .logarithmic { return axis.ticks.map { Self.trimmed(text($0)) } }
    let unit =
      switch self {
      case .percent: (size: 0.01, name: " %")
      case .ratio: (size: 1.0, name: "x")
      case .plain: (size: 1.0, name: "")
      case .bytes, .seconds, .count, .joules:
        units.last { largest >= $0.size * 0.9995 } ?? units.first ?? (size: 1, name: "")
      }
    if case .plain = self, largest >= 1e7 || largest < 1e-3 { return axis.ticks.map { text($0) } }
    let digits = Self.digits(forStep: axis.step / unit.size)
    return axis.ticks.map { Self.fixed($0 / unit.size, digits) + unit.name }
  }

  private static func digits(forStep step: Double) -> Int {
    guard step.isFinite, step > 0 else { return 0 }
    var digits = 0
    var scaled = step
    while digits < 9, (scaled - scaled.rounded()).magnitude > 1e-6 * max(1, scaled) {
      scaled *= 10
      digits += 1
    }
    return digits
  }

  /// `2.00 KB` as `2 KB`.
  private static func trimmed(_ text: String) -> String {
    guard let point = text.firstIndex(of: ".") else { return text }
    let end = text[point...].dropFirst().firstIndex { !$0.isNumber } ?? text.endIndex
    var number = text[..<end]
    while number.last == "0" { number.removeLast() }
    if number.last == "." { number.removeLast() }
    return String(number) + text[end...]
  }
}
