import TerminalUI

/// The themes to choose from; the selected one is seen at once.
struct ThemesOverlay: ListOverlay {
  var selected: Int
  /// The theme that Esc returns to.
  private let before: String

  let name = "theme"

  init(_ state: WorkbenchState) {
    before = state.appearance.theme
    selected = state.appearance.themes.firstIndex(of: state.appearance.theme) ?? 0
  }

  func introduction(_ state: WorkbenchState) -> [Span] {
    [
      Span(
        "The selected theme is seen at once; Enter keeps it, Esc returns to the one before. Own ones are TOML files in "
          + "~/.config/paretop/themes.", .overlay)
    ]
  }

  var bindings: [Binding] {
    [
      Self.key([.enter], "keep", "Keep this theme", hint: "keeps", closes: true) { themes, state in
        state.use(theme: state.appearance.themes[themes.selected])
      },
      Self.key(["T"], "next", "Next theme") { $0.select(by: 1, &$1) },
    ] + Self.selecting() + [
      Self.key([.escape, "q"], "cancel", "Back to the theme before", hint: "cancels", closes: true) {
        $1.preview(theme: $0.before)
      }
    ]
  }

  func items(_ state: WorkbenchState) -> [SelectionItem] { state.appearance.themes.map { SelectionItem($0) } }

  func selectionChanged(_ state: inout WorkbenchState) -> [Effect] {
    state.preview(theme: state.appearance.themes[selected])
  }

  func listArea(_ state: WorkbenchState, in screen: Size) -> Rect {
    box(state, in: screen).interior(on: screen)
  }

  func draw(_ state: WorkbenchState, on canvas: inout Canvas) {
    box(state, in: canvas.size).draw(on: &canvas) { $0.draw(list(state)) }
  }

  private func box(_ state: WorkbenchState, in screen: Size) -> OverlayBox {
    box("theme", Size(width: 34, height: min(state.appearance.themes.count, screen.height - 4)), state)
  }
}
