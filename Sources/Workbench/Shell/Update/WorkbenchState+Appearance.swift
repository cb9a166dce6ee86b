extension WorkbenchState {
  mutating func use(theme: String) -> [Effect] {
    appearance.isThemeChosen = true
    notice = Notice("Theme \(theme)")
    return preview(theme: theme)
  }

  /// Shows a theme that nobody has decided for yet.
  mutating func preview(theme: String) -> [Effect] {
    guard appearance.theme != theme else { return [] }
    appearance.theme = theme
    return [.setTheme(theme)]
  }

  /// The theme for a light or a dark ground, as long as nobody has chosen one.
  mutating func useTheme(fitting isLight: Bool) -> [Effect] {
    let theme = isLight ? "light" : "dark"
    guard !appearance.isThemeChosen, appearance.theme != theme, appearance.themes.contains(theme) else {
      return []
    }
    appearance.theme = theme
    return [.setTheme(theme)]
  }

  mutating func useNextTheme() -> [Effect] {
    let themes = appearance.themes
    guard !themes.isEmpty else { return [] }
    let next = ((themes.firstIndex(of: appearance.theme) ?? -1) + 1) % themes.count
    return use(theme: themes[next])
  }

  mutating func toggleMouse() -> [Effect] {
    appearance.capturesMouse.toggle()
    notice = Notice(
      appearance.capturesMouse
        ? "Mouse: clicks go to paretop" : "Mouse: let go, so that text can be selected")
    return [.captureMouse(appearance.capturesMouse)]
  }
}
