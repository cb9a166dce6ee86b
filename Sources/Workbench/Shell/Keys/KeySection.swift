import TerminalUI

/// The keys of one place under its name, each binding with those of its keys that no nearer place has taken.
package struct KeySection: Sendable {
  package struct Row: Sendable {
    package let binding: Binding
    package fileprivate(set) var keys: [KeyEvent]

    /// Such as "← h".
    package var label: String { keys.map(\.name).joined(separator: " ") }
  }

  package let name: String
  package private(set) var rows: [Row]

  package init(_ name: String, _ bindings: [Binding]) {
    self.name = name
    rows = bindings.map { Row(binding: $0, keys: $0.keys) }
  }

  /// The section without some keys, and without the bindings that are left with none.
  fileprivate func without(_ isTaken: (KeyEvent) -> Bool) -> KeySection {
    var result = self
    for index in rows.indices { result.rows[index].keys.removeAll(where: isTaken) }
    result.rows.removeAll { $0.keys.isEmpty }
    return result
  }

  /// Sections in which no key occurs twice: the first binding keeps it.
  fileprivate static func reachable(_ sections: [KeySection]) -> [KeySection] {
    var taken: Set<KeyEvent> = []
    return sections.map { section in section.without { !taken.insert($0).inserted } }
  }
}

extension WorkbenchState {
  /// The keys that work where the user is, the nearest place first; of two bindings with the same key the first has it.
  package var keySections: [KeySection] { keySections(under: overlay) }

  /// The keys that work in an overlay, or on the screen for nil.
  func keySections(under overlay: (any Overlay)?) -> [KeySection] {
    guard let overlay else {
      let places = [screen.focus, screen].compactMap(\.self)
      return KeySection.reachable(
        places.map { KeySection($0.name, $0.bindings) }
          + [
            KeySection("every screen", ShellKeys.onScreens(self)),
            KeySection("everywhere", ShellKeys.everywhere),
          ])
    }
    let shell = KeySection("everywhere", ShellKeys.everywhere)
    return KeySection.reachable([
      KeySection(overlay.name, overlay.bindings),
      overlay.takesText ? shell.without(\.isText) : shell,
    ])
  }

  /// What a key does where the user is.
  package func binding(for event: KeyEvent) -> Binding? {
    for section in keySections {
      if let row = section.rows.first(where: { $0.keys.contains(event) }) { return row.binding }
    }
    return nil
  }
}

extension KeyEvent {
  fileprivate var isText: Bool {
    if case .character = self { return true }
    return false
  }
}
