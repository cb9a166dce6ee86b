/// How the dots of a chart are drawn.
package enum PlotMarker: String, CaseIterable, Sendable {
  /// 2 x 4 dots per cell.
  case braille
  /// 1 x 2 dots per cell, from half blocks, for fonts that draw braille badly.
  case block
  /// 1 x 2 dots per cell, from punctuation.
  case ascii

  /// Dots per cell, across and down.
  package var dots: Size {
    switch self {
    case .braille: Size(width: 2, height: 4)
    case .block, .ascii: Size(width: 1, height: 2)
    }
  }

  package var next: PlotMarker {
    switch self {
    case .braille: .block
    case .block: .ascii
    case .ascii: .braille
    }
  }
}

/// The characters a screen may use. A canvas carries one, so that views need not ask.
package struct GlyphSet: Hashable, Sendable {
  package let isUnicode: Bool
  package let marker: PlotMarker

  package static let unicode = GlyphSet(isUnicode: true, marker: .braille)
  package static let ascii = GlyphSet(isUnicode: false, marker: .ascii)

  /// Without Unicode the marker is always ASCII.
  package init(isUnicode: Bool, marker: PlotMarker) {
    self.isUnicode = isUnicode
    self.marker = isUnicode ? marker : .ascii
  }

  package var horizontal: Character { isUnicode ? "─" : "-" }
  package var vertical: Character { isUnicode ? "│" : "|" }
  package var rule: Character { isUnicode ? "┄" : "-" }
  package var ellipsis: Character { isUnicode ? "…" : "~" }
  package var bullet: Character { isUnicode ? "•" : "*" }
  package var pointer: Character { isUnicode ? "▸" : ">" }
  package var ring: Character { isUnicode ? "○" : "O" }
  package var diamond: Character { isUnicode ? "◆" : "@" }
  /// The same for what is not known well yet.
  package var hollowBullet: Character { isUnicode ? "◦" : "o" }
  package var hollowDiamond: Character { isUnicode ? "◇" : "?" }
  package var full: Character { isUnicode ? "█" : "#" }
  package var empty: Character { isUnicode ? "·" : "." }

  /// Fills for neighbouring bars, so that they can be told apart without colour.
  package var fills: [Character] { isUnicode ? ["█", "▓", "▒", "░"] : ["#", "=", "+", "-", ":", "."] }
  /// Eighths of a cell growing to the right, from 1/8 to 7/8; empty without Unicode.
  package var horizontalEighths: [Character] { isUnicode ? ["▏", "▎", "▍", "▌", "▋", "▊", "▉"] : [] }
  /// Steps of a bar growing upward, from the least to a full cell.
  package var verticalSteps: [Character] {
    isUnicode ? ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"] : ["_", ".", "-", "=", "#"]
  }

  /// A line glyph for the sides it touches.
  func line(_ sides: LineSides) -> Character {
    if isUnicode { return LineSides.unicode[Int(sides.rawValue)] }
    if sides.isSubset(of: [.left, .right]) { return "-" }
    return sides.isSubset(of: [.up, .down]) ? "|" : "+"
  }

  /// The character as this set can show it: itself, or an ASCII stand-in of the same width.
  package func shown(_ character: Character) -> Character {
    guard !isUnicode, !character.isASCII else { return character }
    if let known = Self.standIns[character] { return known }
    if LineSides(of: character) != nil { return line(LineSides(of: character) ?? []) }
    let value = character.unicodeScalars.first?.value ?? 0
    if (0x2800...0x28FF).contains(value) { return value == 0x2800 ? " " : ":" }
    if (0x2580...0x259F).contains(value) { return "#" }
    return "?"
  }

  private static let standIns: [Character: Character] = [
    "·": ".", "•": "*", "…": "~", "–": "-", "—": "-", "−": "-", "×": "x", "÷": "/", "±": "~", "µ": "u",
    "μ": "u",
    "°": "o", "→": ">", "←": "<", "↑": "^", "↓": "v", "▲": "^", "▼": "v", "▸": ">", "◂": "<", "▶": ">",
    "◀": "<",
    "○": "O", "●": "o", "◆": "@", "◇": "?", "◦": "o", "■": "#", "□": "o", "✓": "+", "✔": "+", "✗": "x",
    "✘": "x",
    "≤": "<",
    "≥": ">", "≈": "~", "∞": "~", "‘": "'", "’": "'", "“": "\"", "”": "\"", "²": "2", "³": "3", "½": "2",
    "┄": "-", "╌": "-", "░": ".", "▒": ":", "▁": "_", "Δ": "d", "δ": "d", "σ": "s", "⏎": "<", "\u{A0}": " ",
  ]
}

/// The sides of a cell that a line glyph touches: what makes crossing borders join.
struct LineSides: OptionSet, Hashable {
  let rawValue: UInt8
  static let up = LineSides(rawValue: 1)
  static let down = LineSides(rawValue: 2)
  static let left = LineSides(rawValue: 4)
  static let right = LineSides(rawValue: 8)

  fileprivate static let unicode: [Character] = [
    " ", "╵", "╷", "│", "╴", "┘", "┐", "┤", "╶", "└", "┌", "├", "─", "┴", "┬", "┼",
  ]

  init(rawValue: UInt8) { self.rawValue = rawValue }

  init?(of character: Character) {
    switch character {
    case "|": self = [.up, .down]
    case "-": self = [.left, .right]
    case "+": self = [.up, .down, .left, .right]
    default:
      guard let index = Self.unicode.firstIndex(of: character), index > 0 else { return nil }
      self.init(rawValue: UInt8(index))
    }
  }
}
