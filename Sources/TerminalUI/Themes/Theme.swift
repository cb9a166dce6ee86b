/// How one role looks.
package struct RoleLook: Hashable, Sendable {
  package var foreground: ThemeColor
  package var background: ThemeColor
  package var attributes: CellStyle.Attributes

  package init(
    foreground: ThemeColor, background: ThemeColor = .terminalDefault,
    attributes: CellStyle.Attributes = []
  ) {
    self.foreground = foreground
    self.background = background
    self.attributes = attributes
  }
}

/// The looks of every role.
package struct Theme: Hashable, Sendable {
  /// The name it is chosen by: the file's without its ending.
  package let name: String
  package let title: String
  /// The ground of roles that name none of their own.
  package let background: ThemeColor
  /// One look for every role, in the order of `StyleRole.allCases`.
  private let looks: [RoleLook]

  /// Takes the look of each role from the closure.
  package init(
    name: String, title: String, background: ThemeColor = .terminalDefault,
    look: (StyleRole) throws -> RoleLook
  ) rethrows {
    self.name = name
    self.title = title
    self.background = background
    looks = try StyleRole.allCases.map(look)
  }

  package subscript(role: StyleRole) -> RoleLook { looks[Int(role.rawValue)] }

  /// The terminal's own colours with attributes only: what opens when no theme file is found.
  package static let plain = Theme(name: "plain", title: "Plain: the terminal's own colours") { role in
    RoleLook(foreground: .terminalDefault, attributes: role.monochromeAttributes)
  }

  /// The role's own background, or that of the surface it stands on.
  package func ground(of style: CellStyle) -> ThemeColor {
    let own = self[style.role].background
    return own == background ? self[style.surface.role].background : own
  }

  /// What a terminal of this depth has to show for a style.
  ///
  /// Where few colours make foreground and background fall together, the foreground gives way to black or
  /// white. Without colour, attributes carry the role.
  package func resolve(_ style: CellStyle, depth: ColorDepth) -> ResolvedStyle {
    let look = self[style.role]
    var attributes = look.attributes.union(style.attributes)
    if look.attributes.contains(.reverse), style.attributes.contains(.reverse) { attributes.remove(.reverse) }
    guard depth > .monochrome else {
      let own = style.role.monochromeAttributes.union(look.attributes)
      attributes = own.union(style.attributes)
      if own.contains(.reverse), style.attributes.contains(.reverse) { attributes.remove(.reverse) }
      return ResolvedStyle(foreground: .terminalDefault, background: .terminalDefault, attributes: attributes)
    }
    let background = ground(of: style).resolved(depth)
    var foreground = look.foreground.resolved(depth)
    if foreground == background, foreground != .terminalDefault {
      let isDark = (background.approximateColor?.luminance ?? 0) < 0.18
      foreground = isDark ? .index(7) : .index(0)
      if depth == .trueColor { foreground = .rgb(isDark ? RGB(255, 255, 255) : RGB(0, 0, 0)) }
    }
    return ResolvedStyle(foreground: foreground, background: background, attributes: attributes)
  }
}

/// Colours that a terminal of a known depth has, and attributes.
package struct ResolvedStyle: Hashable, Sendable {
  /// `rgb` only with true colour.
  package let foreground: ThemeColor
  package let background: ThemeColor
  package let attributes: CellStyle.Attributes
}

extension ThemeColor {
  /// The nearest colour of a terminal of this depth.
  fileprivate func resolved(_ depth: ColorDepth) -> ThemeColor {
    switch self {
    case .terminalDefault: return .terminalDefault
    case .rgb(let color):
      if depth == .trueColor { return self }
      return TerminalPalette.nearest(color, depth: depth).map { .index($0) } ?? .terminalDefault
    case .index(let index):
      // In direct colour the numbers 0 to 7 alone still mean the palette.
      if depth == .trueColor, index > 7 { return .rgb(TerminalPalette.color(index)) }
      let highest: UInt8 = depth == .colors8 ? 7 : depth == .colors16 ? 15 : 255
      if index <= highest { return self }
      return TerminalPalette.nearest(TerminalPalette.color(index), depth: depth).map { .index($0) }
        ?? .terminalDefault
    }
  }

  /// The colour, where it is known; that of the terminal's default is not.
  package var approximateColor: RGB? {
    switch self {
    case .terminalDefault: nil
    case .rgb(let color): color
    case .index(let index): TerminalPalette.color(index)
    }
  }
}
