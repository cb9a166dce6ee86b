import TerminalUI

/// A boxed part of the explore screen; one that has keys can have the focus. Its value is its own state.
///
/// A new one is a folder here, its place in `ExploreLayout` and a line in `ExploreScreen.panels`.
protocol Panel: Place {
  /// As it is when the application starts.
  init()

  /// Stands in its upper border.
  func title(_ state: WorkbenchState) -> String

  func area(in layout: ExploreLayout) -> Rect

  /// A press or a turn of the wheel in the box, relative to its interior; a panel with keys has the focus by then.
  /// Changes the panel through the state; `self` is the panel as it was before.
  func mouse(_ event: MouseEvent, _ state: inout WorkbenchState) -> [Effect]

  /// Called when the focus came by key or by click, or left.
  mutating func focusChanged(to isFocused: Bool, _ state: WorkbenchState)
}

extension Panel {
  var bindings: [Binding] { [] }
  func title(_ state: WorkbenchState) -> String { name }
  func introduction(_ state: WorkbenchState) -> [Span] { [] }
  func mouse(_ event: MouseEvent, _ state: inout WorkbenchState) -> [Effect] { [] }
  mutating func focusChanged(to isFocused: Bool, _ state: WorkbenchState) {}
}

extension WorkbenchState {
  /// A panel's own state.
  subscript<Kind: Panel>(panel kind: Kind.Type) -> Kind {
    get {
      for case let panel as Kind in self[ExploreScreen.self].panels { return panel }
      return Kind()
    }
    set { self[ExploreScreen.self].replace(newValue) }
  }

  func hasFocus<Kind: Panel>(_ kind: Kind.Type) -> Bool { self[ExploreScreen.self].focusedPanel is Kind }

  /// Gives the focus to a panel.
  mutating func focus<Kind: Panel>(on kind: Kind.Type) {
    if let index = self[ExploreScreen.self].panels.firstIndex(where: { $0 is Kind }) { focus(onPanel: index) }
  }

  /// Gives the focus to the panel that follows, by so many, among those that can have it.
  mutating func moveFocus(by offset: Int) {
    let panels = self[ExploreScreen.self].panels
    let candidates = panels.indices.filter { !panels[$0].bindings.isEmpty }
    guard let place = candidates.firstIndex(of: self[ExploreScreen.self].focused) else { return }
    focus(onPanel: candidates[(place + offset + candidates.count) % candidates.count])
  }

  /// Gives the focus to a panel by its index, unless it has it or takes no keys.
  mutating func focus(onPanel index: Int) {
    var screen = self[ExploreScreen.self]
    guard index != screen.focused, !screen.panels[index].bindings.isEmpty else { return }
    screen.panels[screen.focused].focusChanged(to: false, self)
    screen.focused = index
    screen.panels[index].focusChanged(to: true, self)
    self[ExploreScreen.self] = screen
  }
}
