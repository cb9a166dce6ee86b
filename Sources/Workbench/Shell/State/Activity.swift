import Compression

/// What the engine is doing, for the status line.
package enum Activity: Sendable, Hashable {
  case idle
  /// Nothing is measured, since an earlier session did so long ago.
  case recalled(age: String)
  /// A slow method is at work on a layer.
  case compressing(CompressionProgress)
  /// Measuring; the share of evaluation samples seen so far.
  case measuring(Double)
  case failed(String)
}

/// A sentence for the user, shown until the next key.
package struct Notice: Sendable, Hashable {
  package enum Kind: Sendable, Hashable { case info, success, problem }
  package var text: String
  package var kind: Kind

  package init(_ text: String, _ kind: Kind = .info) {
    self.text = text
    self.kind = kind
  }
}

/// How the screen looks, apart from what it shows.
package struct Appearance: Sendable, Hashable {
  package var theme: String
  /// Whether somebody chose the theme; otherwise it follows the terminal's ground.
  package var isThemeChosen: Bool
  package var themes: [String]
  package var marker: PlotMarkerChoice
  package var capturesMouse: Bool

  package init(
    theme: String, isThemeChosen: Bool = false, themes: [String], marker: PlotMarkerChoice = .automatic,
    capturesMouse: Bool = true
  ) {
    self.theme = theme
    self.isThemeChosen = isThemeChosen
    self.themes = themes
    self.marker = marker
    self.capturesMouse = capturesMouse
  }
}

/// The dots of the charts: as the terminal can, or as the user says.
package enum PlotMarkerChoice: String, Sendable, Hashable, CaseIterable {
  case automatic, block, ascii

  var next: PlotMarkerChoice {
    switch self {
    case .automatic: .block
    case .block: .ascii
    case .ascii: .automatic
    }
  }
}
