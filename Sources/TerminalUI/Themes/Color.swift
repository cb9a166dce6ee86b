import Foundation

/// A colour of the sRGB space.
package struct RGB: Hashable, Sendable, CustomStringConvertible {
  package let red: UInt8
  package let green: UInt8
  package let blue: UInt8

  package init(_ red: UInt8, _ green: UInt8, _ blue: UInt8) {
    self.red = red
    self.green = green
    self.blue = blue
  }

  /// From `0xRRGGBB`; higher bits are ignored.
  package init(hex: UInt32) {
    self.init(UInt8(hex >> 16 & 0xFF), UInt8(hex >> 8 & 0xFF), UInt8(hex & 0xFF))
  }

  /// From `#rrggbb`.
  package init?(_ text: String) {
    guard text.utf8.count == 7, text.hasPrefix("#"), text.dropFirst().allSatisfy(\.isHexDigit),
      let value = UInt32(text.dropFirst(), radix: 16)
    else { return nil }
    self.init(hex: value)
  }

  package var hex: UInt32 { UInt32(red) << 16 | UInt32(green) << 8 | UInt32(blue) }

  package var description: String {
    let digits = String(hex, radix: 16)
    return "#" + String(repeating: "0", count: 6 - digits.count) + digits
  }

  /// Relative luminance, 0 to 1 (WCAG 2.2, https://www.w3.org/TR/WCAG22/#dfn-relative-luminance).
  package var luminance: Double {
    0.2126 * Self.linear(red) + 0.7152 * Self.linear(green) + 0.0722 * Self.linear(blue)
  }

  /// Contrast ratio, 1 to 21 (WCAG 2.2, https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio).
  package func contrast(with other: RGB) -> Double {
    let (a, b) = (luminance, other.luminance)
    return (max(a, b) + 0.05) / (min(a, b) + 0.05)
  }

  private static func linear(_ channel: UInt8) -> Double {
    let value = Double(channel) / 255
    return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
  }

  /// Place in the Oklab space, in which distances match what is seen
  /// (B. Ottosson, https://bottosson.github.io/posts/oklab/).
  var oklab: (lightness: Double, a: Double, b: Double) {
    let (r, g, b) = (Self.linear(red), Self.linear(green), Self.linear(blue))
    let l = cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
    let m = cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
    let s = cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
    return (
      0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s,
      1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
      0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s
    )
  }
}

/// A colour as a theme names it.
package enum ThemeColor: Hashable, Sendable {
  /// Whatever the terminal's own is.
  case terminalDefault
  case rgb(RGB)
  /// An entry of the terminal's palette, 0 to 255.
  case index(UInt8)
}

/// How many colours a terminal shows.
package enum ColorDepth: Int, Comparable, CaseIterable, Sendable {
  case monochrome, colors8, colors16, colors256, trueColor

  package static func < (left: ColorDepth, right: ColorDepth) -> Bool { left.rawValue < right.rawValue }

  /// What a terminal with so many palette entries can show.
  package init(colors: Int, isDirect: Bool) {
    switch colors {
    case _ where isDirect && colors > 256: self = .trueColor
    case 256...: self = .colors256
    case 16...: self = .colors16
    case 8...: self = .colors8
    default: self = .monochrome
    }
  }

  /// The depth to use under this environment: monochrome if NO_COLOR has a value (https://no-color.org).
  package func obeying(environment: [String: String]) -> ColorDepth {
    environment["NO_COLOR", default: ""].isEmpty ? self : .monochrome
  }
}

/// The palette of 256 entries that xterm and its kin share.
package enum TerminalPalette {
  /// The colour of an entry; the first 16 differ between terminals, and are those of xterm here.
  package static func color(_ index: UInt8) -> RGB {
    switch index {
    case 0..<16: return RGB(hex: first16[Int(index)])
    case 16..<232:
      let place = Int(index) - 16
      return RGB(level(place / 36), level(place / 6 % 6), level(place % 6))
    default:
      let grey = 8 + 10 * (index - 232)
      return RGB(grey, grey, grey)
    }
  }

  /// The entry nearest to a colour that a terminal of this depth has; nil for monochrome.
  ///
  /// With 256 entries the first 16 are not used, as people set them to their taste. With few, the hue decides,
  /// so that green stays green; what has little of it becomes black, grey or white.
  package static func nearest(_ color: RGB, depth: ColorDepth) -> UInt8? {
    switch depth {
    case .monochrome: nil
    case .colors8: nearestByHue(color, in: 0...7)
    case .colors16: nearestByHue(color, in: 0...15)
    case .colors256, .trueColor: entry(in: 16...255) { distance(color.oklab, $0) }
    }
  }

  private typealias Lab = (lightness: Double, a: Double, b: Double)

  private static func nearestByHue(_ color: RGB, in range: ClosedRange<UInt8>) -> UInt8 {
    let wanted = color.oklab
    let hasHue = chroma(wanted) > 0.04 && wanted.lightness > 0.3
    return entry(in: range) { found in
      guard (chroma(found) > 0.04) == hasHue else { return .infinity }
      let lightness = wanted.lightness - found.lightness
      guard hasHue else { return lightness * lightness }
      let turn = (hue(wanted) - hue(found)).magnitude
      let angle = min(turn, 2 * .pi - turn)
      return angle * angle + 0.1 * lightness * lightness
    }
  }

  private static func entry(in range: ClosedRange<UInt8>, _ distance: (Lab) -> Double) -> UInt8 {
    range.min { distance(color($0).oklab) < distance(color($1).oklab) } ?? range.lowerBound
  }

  private static func distance(_ left: Lab, _ right: Lab) -> Double {
    let (l, a, b) = (left.lightness - right.lightness, left.a - right.a, left.b - right.b)
    return l * l + a * a + b * b
  }

  private static func chroma(_ color: Lab) -> Double { hypot(color.a, color.b) }
  private static func hue(_ color: Lab) -> Double { atan2(color.b, color.a) }

  private static func level(_ step: Int) -> UInt8 { step == 0 ? 0 : UInt8(55 + 40 * step) }

  private static let first16: [UInt32] = [
    0x000000, 0xCD0000, 0x00CD00, 0xCDCD00, 0x0000EE, 0xCD00CD, 0x00CDCD, 0xE5E5E5,
    0x7F7F7F, 0xFF0000, 0x00FF00, 0xFFFF00, 0x5C5CFF, 0xFF00FF, 0x00FFFF, 0xFFFFFF,
  ]
}
