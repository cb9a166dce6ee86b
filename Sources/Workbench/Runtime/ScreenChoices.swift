import Evaluation
import Foundation
import TOMLKit

/// How the screen was set up, as far as somebody chose it: kept from one run to the next.
package struct ScreenChoices: Sendable, Hashable {
  package var theme: String?
  package var marker: PlotMarkerChoice?
  package var capturesMouse: Bool?
  /// Key of the figure that the chart shows accuracy against.
  package var axis: String?

  package init(
    theme: String? = nil, marker: PlotMarkerChoice? = nil, capturesMouse: Bool? = nil, axis: String? = nil
  ) {
    self.theme = theme
    self.marker = marker
    self.capturesMouse = capturesMouse
    self.axis = axis
  }
}

/// As TOML: `theme = "dark"`, `markers = "block"`, `mouse = false`, `axis = "latency"`.
extension ScreenChoices {
  private enum Key {
    static let theme = "theme"
    static let marker = "markers"
    static let mouse = "mouse"
    static let axis = "axis"
  }

  /// - Throws: `ScreenChoicesError` where the text is no TOML, or a value is none that can be chosen. Keys that are not
  ///   known are passed over: a later version may have written them.
  package init(toml text: String) throws {
    let table: TOMLTable
    do { table = try TOMLTable(string: text) } catch { throw ScreenChoicesError.malformed("\(error)") }
    self.init()
    try withExtendedLifetime(table) {
      theme = try Self.value(Key.theme, in: table) { $0.string }
      marker = try Self.value(Key.marker, in: table) { $0.string.flatMap(PlotMarkerChoice.init) }
      capturesMouse = try Self.value(Key.mouse, in: table) { $0.bool }
      axis = try Self.value(Key.axis, in: table) { value in
        value.string.flatMap { key in Figure.all.contains { $0.key == key } ? key : nil }
      }
    }
  }

  package var toml: String {
    let lines = [
      theme.map { "\(Key.theme) = \(Self.quoted($0))" },
      marker.map { "\(Key.marker) = \(Self.quoted($0.rawValue))" },
      capturesMouse.map { "\(Key.mouse) = \($0)" }, axis.map { "\(Key.axis) = \(Self.quoted($0))" },
    ]
    return "# How paretop's screen was set up last; it may be deleted.\n"
      + lines.compactMap(\.self).map { $0 + "\n" }.joined()
  }

  private static func value<Value>(
    _ key: String, in table: TOMLTable, _ read: (any TOMLValueConvertible) -> Value?
  ) throws -> Value? {
    guard let found = table[key] else { return nil }
    guard let value = read(found) else { throw ScreenChoicesError.badValue(key: key, found: "\(found)") }
    return value
  }

  /// A basic string: a theme is called as its file says.
  private static func quoted(_ text: String) -> String {
    let escaped = text.unicodeScalars.map { scalar in
      switch scalar {
      case "\"", "\\": "\\\(scalar)"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F:
        "\\u" + String(repeating: "0", count: 4 - String(scalar.value, radix: 16).count)
          + String(scalar.value, radix: 16)
      default: String(scalar)
      }
    }
    return "\"" + escaped.joined() + "\""
  }
}

package enum ScreenChoicesError: Error, CustomStringConvertible {
  case malformed(String)
  case badValue(key: String, found: String)

  package var description: String {
    switch self {
    case .malformed(let reason): "it is no TOML: \(reason)"
    case .badValue(let key, let found): "\(key) cannot be \(found)"
    }
  }
}
