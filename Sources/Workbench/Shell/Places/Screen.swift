import TerminalUI

/// A place that fills the terminal between header and status line; its value is its own state.
///
/// A new one is a folder in `Screens` and a line in `Screens.all`.
package protocol Screen: Place {
  /// As it is when the application starts.
  init()

  /// The key that brings it to the front from the others, and what help says of it; nil where only the keys that walk the
  /// screens do.
  var shortcut: (key: KeyEvent, description: String)? { get }

  /// The least terminal on which everything has room.
  var minimum: Size { get }

  /// The part that has the focus; its keys come before the screen's own.
  var focus: (any Place)? { get }

  /// The parts that can have the focus, each with what gives it to it.
  var parts: [ScreenPart] { get }

  /// What the palette offers here besides what keys do.
  func commands(_ state: WorkbenchState) -> [Command]

  /// What help says after the keys, a paragraph each.
  var notes: [Span] { get }

  /// Changes the screen through the state; `self` is the screen as it was before.
  func mouse(_ event: MouseEvent, _ state: inout WorkbenchState) -> [Effect]
}

extension Screen {
  package var shortcut: (key: KeyEvent, description: String)? { nil }
  package var minimum: Size { Size(width: 60, height: 16) }
  package var focus: (any Place)? { nil }
  package var parts: [ScreenPart] { [] }
  package func commands(_ state: WorkbenchState) -> [Command] { [] }
  package var notes: [Span] { [] }
  package func mouse(_ event: MouseEvent, _ state: inout WorkbenchState) -> [Effect] { [] }
}

/// A part of a screen that can have the focus.
package struct ScreenPart: Sendable {
  package let place: any Place
  package let focus: @Sendable (inout WorkbenchState) -> Void

  package init(_ place: any Place, focus: @escaping @Sendable (inout WorkbenchState) -> Void) {
    self.place = place
    self.focus = focus
  }
}

extension WorkbenchState {
  /// The screen in front.
  package var screen: any Screen { screens[shownScreen] }

  /// A screen's own state; a fresh one where the application has no such screen.
  package subscript<Kind: Screen>(_ kind: Kind.Type) -> Kind {
    get {
      for case let screen as Kind in screens { return screen }
      return Kind()
    }
    set {
      if let index = screens.firstIndex(where: { $0 is Kind }) { screens[index] = newValue }
    }
  }

  /// Brings another screen to the front, counting on from the last to the first.
  package mutating func showScreen(by offset: Int) {
    shownScreen = (shownScreen + offset + screens.count) % screens.count
  }
}
