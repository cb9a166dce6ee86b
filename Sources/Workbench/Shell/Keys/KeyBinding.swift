import TerminalUI

/// One key, what it does and where: the keymap is data, so that help, footer and palette are made from it.
package struct KeyBinding: Sendable {
  package let keys: [KeyEvent]
  /// How the keys are written in help, such as "←/→".
  package let label: String
  package let action: Action
  package let description: String
  /// Panels in which it applies; nil for everywhere.
  package let panels: Set<Panel>?
  /// A word for the footer; nil keeps it out of the footer.
  package let hint: String?

  init(
    _ keys: [KeyEvent], _ label: String, _ action: Action, _ description: String,
    in panels: Set<Panel>? = nil,
    hint: String? = nil
  ) {
    self.keys = keys
    self.label = label
    self.action = action
    self.description = description
    self.panels = panels
    self.hint = hint
  }
}
