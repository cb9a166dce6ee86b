import Compression
import Recipes
import Search
import Session

/// Something the outside has to do; carried out in one place, results come back as messages.
package enum Effect: Sendable, Equatable {
  /// Cancel what is being measured and measure this instead.
  case measure(request: Int, Recipe, again: Bool = false)
  case stopMeasuring
  /// Find out what each layer alone suffers from these knobs, as far as it is not known.
  case probe([SensitivityScan.Probe])
  /// Keep the history as it is now.
  case save(History)
  /// The history from now on is that of the session found in the store.
  case takeUpSession
  case export(Recipe)
  case setTheme(String)
  case captureMouse(Bool)
  /// Remember how the screen is set up.
  case remember(ScreenChoices)
  case redraw
  case suspend
  case quit
}
