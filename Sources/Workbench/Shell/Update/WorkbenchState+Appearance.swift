extension WorkbenchState {
  mutating func use(theme: String) -> [Effect] {
    appearance.theme = theme
    notice = Notice("Theme \(theme)")
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
