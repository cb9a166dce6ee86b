import TerminalUI

/// A line in which part of the layers' names or kinds is typed; the layers follow at once.
struct FilterOverlay: Overlay {
  var line: InputLine
  /// What Esc returns to.
  private let before: String

  let name = "filter"
  var takesText: Bool { true }

  init(_ state: WorkbenchState) {
    before = state[panel: LayersPanel.self].filter
    line = InputLine(before)
  }

  func introduction(_ state: WorkbenchState) -> [Span] {
    [Span("Only layers whose name or kind contains what is typed stay in the list.", .overlay)]
  }

  var bindings: [Binding] {
    [
      Self.key([.enter], "keep", "Keep the filter", hint: "keeps", closes: true) { _, state in
        state.focus(on: LayersPanel.self)
        return []
      },
      Self.key([.escape], "cancel", "Leave the filter as it was", hint: "cancels", closes: true) {
        filter, state in
        state.filterLayers(filter.before)
        return []
      },
    ]
  }

  mutating func edit(_ event: KeyEvent, _ state: inout WorkbenchState) -> Bool {
    guard line.handle(event) else { return false }
    state.filterLayers(line.text)
    return true
  }

  func draw(_ state: WorkbenchState, on canvas: inout Canvas) {
    canvas.draw(FilterView(line: line, footer: footer(state)))
  }
}

extension WorkbenchState {
  /// Shows the layers that a text is in, with the focus on them.
  fileprivate mutating func filterLayers(_ text: String) {
    focus(on: LayersPanel.self)
    self[panel: LayersPanel.self].filter = text
  }
}
