import Evaluation

extension WorkbenchState {
  /// How the screen is set up, as far as somebody chose it.
  package var choices: ScreenChoices {
    ScreenChoices(
      theme: appearance.isThemeChosen ? appearance.theme : nil, marker: appearance.marker,
      capturesMouse: appearance.capturesMouse, axis: axis.key)
  }

  /// Sets the screen up as it was; a theme that there is no longer is passed over.
  package mutating func apply(_ choices: ScreenChoices) {
    if let theme = choices.theme, appearance.themes.contains(theme) {
      appearance.theme = theme
      appearance.isThemeChosen = true
    }
    appearance.marker = choices.marker ?? appearance.marker
    appearance.capturesMouse = choices.capturesMouse ?? appearance.capturesMouse
    if let figure = Figure.all.first(where: { $0.key == choices.axis }) { axis = figure }
  }
}
