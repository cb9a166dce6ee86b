import TerminalUI

/// An overlay with more lines than it shows at once.
package protocol ScrollOverlay: Overlay {
  /// The first that is shown; may be larger than what there is.
  var scroll: Int { get set }

  /// The largest scroll at which something new comes into sight.
  func farthestScroll(_ state: WorkbenchState) -> Int
}

extension ScrollOverlay {
  package var closesOnOtherKeys: Bool { true }

  /// - Parameter hint: what the arrows do, for the border.
  static func scrolling(_ hint: String) -> [Binding] {
    [
      moving([.up, "k"], "up", "Scroll up", by: -1, hint: hint),
      moving([.down, "j"], "down", "Scroll down", by: 1, hint: hint),
      moving([.pageUp], "page-up", "Ten up", by: -10),
      moving([.pageDown, " "], "page-down", "Ten down", by: 10),
    ]
  }

  private static func moving(
    _ keys: [KeyEvent], _ name: String, _ description: String, by offset: Int, hint: String? = nil
  ) -> Binding {
    key(
      keys, name, description, hint: hint,
      unless: { overlay, state in overlay.farthestScroll(state) == 0 ? "Everything is in sight" : nil }
    ) { overlay, state in
      overlay.scroll = min(max(overlay.scroll + offset, 0), overlay.farthestScroll(state))
      return []
    }
  }

  package mutating func mouse(_ event: MouseEvent, _ state: inout WorkbenchState) -> MouseAnswer {
    switch event.kind {
    case .wheelUp: .press(.up)
    case .wheelDown: .press(.down)
    case .press, .release, .drag, .middlePress, .rightPress: .effects([])
    }
  }
}
