/// What a cell means; a `Theme` says how it looks.
package enum StyleRole: UInt8, CaseIterable, Sendable {
  case text, muted, title, accent, good, bad, warning, info
  case border, borderFocused, grid, axis
  case selection, selectionMuted, cursor, input
  case gaugeFull, gaugeEmpty
  case series1, series2, series3, series4, series5, series6, series7, series8
  case original, current, mark, front, band
  case header, key, keyHint
  case overlay, overlayBorder

  /// The name in theme files: `border-focused` for `borderFocused`.
  package var name: String {
    var result = ""
    for character in String(describing: self) {
      if character.isUppercase { result.append("-") }
      result.append(contentsOf: character.lowercased())
    }
    return result
  }

  package static let byName = Dictionary(uniqueKeysWithValues: allCases.map { ($0.name, $0) })

  /// Roles that carry words or figures and so need a contrast of 4.5 (WCAG 2.2, 1.4.3).
  package var isText: Bool {
    switch self {
    case .text, .muted, .title, .accent, .good, .bad, .warning, .info, .axis, .selection, .selectionMuted,
      .cursor, .input, .original, .current, .mark, .header, .key, .keyHint, .overlay:
      true
    case .border, .borderFocused, .grid, .gaugeFull, .gaugeEmpty, .series1, .series2, .series3, .series4,
      .series5, .series6, .series7, .series8, .front, .band, .overlayBorder:
      false
    }
  }

  /// Attributes that carry the role's meaning where there is no colour.
  package var monochromeAttributes: CellStyle.Attributes {
    switch self {
    case .selection, .cursor: .reverse
    case .selectionMuted, .input, .original: .underline
    case .title, .accent, .borderFocused, .bad, .warning, .current, .mark, .key, .header: .bold
    case .muted, .grid, .gaugeEmpty, .band: .dim
    case .text, .good, .info, .border, .axis, .gaugeFull, .series1, .series2, .series3, .series4, .series5,
      .series6, .series7, .series8, .front, .keyHint, .overlay, .overlayBorder:
      []
    }
  }
}

/// A role and what is added to it: all that a cell knows about its looks.
package struct CellStyle: Hashable, Sendable {
  package struct Attributes: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }
    package static let bold = Attributes(rawValue: 1)
    package static let dim = Attributes(rawValue: 2)
    package static let underline = Attributes(rawValue: 4)
    package static let reverse = Attributes(rawValue: 8)
  }

  package var role: StyleRole
  package var attributes: Attributes
  /// The ground it stands on where the theme gives the role none of its own; a canvas fills it in.
  package var surface: Surface

  package init(_ role: StyleRole, _ attributes: Attributes = [], on surface: Surface = .base) {
    self.role = role
    self.attributes = attributes
    self.surface = surface
  }

  package var bold: CellStyle { with(attributes.union(.bold)) }
  package var reversed: CellStyle { with(attributes.symmetricDifference(.reverse)) }

  private func with(_ attributes: Attributes) -> CellStyle { CellStyle(role, attributes, on: surface) }
}

/// A ground that text of any role may stand on: the role of the same name has its colour.
package enum Surface: UInt8, CaseIterable, Sendable {
  case base, header, overlay

  /// The role whose background this is.
  package var role: StyleRole {
    switch self {
    case .base: .text
    case .header: .header
    case .overlay: .overlay
    }
  }
}

/// Every role as a style, so that drawing calls read `style: .muted` or `style: .key.bold`.
extension CellStyle {
  package static let text = CellStyle(.text)
  package static let muted = CellStyle(.muted)
  package static let title = CellStyle(.title)
  package static let accent = CellStyle(.accent)
  package static let good = CellStyle(.good)
  package static let bad = CellStyle(.bad)
  package static let warning = CellStyle(.warning)
  package static let info = CellStyle(.info)
  package static let border = CellStyle(.border)
  package static let borderFocused = CellStyle(.borderFocused)
  package static let grid = CellStyle(.grid)
  package static let axis = CellStyle(.axis)
  package static let selection = CellStyle(.selection)
  package static let selectionMuted = CellStyle(.selectionMuted)
  package static let cursor = CellStyle(.cursor)
  package static let input = CellStyle(.input)
  package static let gaugeFull = CellStyle(.gaugeFull)
  package static let gaugeEmpty = CellStyle(.gaugeEmpty)
  package static let original = CellStyle(.original)
  package static let current = CellStyle(.current)
  package static let mark = CellStyle(.mark)
  package static let front = CellStyle(.front)
  package static let band = CellStyle(.band)
  package static let header = CellStyle(.header)
  package static let key = CellStyle(.key)
  package static let keyHint = CellStyle(.keyHint)
  package static let overlay = CellStyle(.overlay)
  package static let overlayBorder = CellStyle(.overlayBorder)

  /// The style of the n-th series, counted from 0; the eight repeat.
  package static func series(_ index: Int) -> CellStyle {
    let roles: [StyleRole] = [
      .series1, .series2, .series3, .series4, .series5, .series6, .series7, .series8,
    ]
    return CellStyle(roles[((index % roles.count) + roles.count) % roles.count])
  }
}

/// One cell: a character and its style. A character two columns wide is followed by a continuation.
package struct Cell: Hashable, Sendable {
  package var character: Character
  package var style: CellStyle

  package init(_ character: Character, _ style: CellStyle = .text) {
    self.character = character
    self.style = style
  }

  package static let blank = Cell(" ")
  /// Stands in the right half of a wide character.
  static let continuationMark: Character = "\0"
  package var isContinuation: Bool { character == Self.continuationMark }
}
