import Compression
import Evaluation
import Recipes

/// Everything a key, a mouse click or a palette command can ask for.
package enum Action: Hashable, Sendable {
  case nextPanel, previousPanel
  case moveUp, moveDown, pageUp, pageDown, first, last
  case turn(Turn)
  case selectKnob(Setting)
  case toggleScope
  case confirm, cancel
  case undo, redo, reset
  case mark, compare
  case nextAxis
  case chart(against: Figure)
  case sweep
  case openPalette, openFilter, openHelp, openThemes
  case nextTheme, nextMarker, toggleMouse
  case export
  case measureAgain
  case suspend, redraw, quit
}
