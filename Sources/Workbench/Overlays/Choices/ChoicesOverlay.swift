import Recipes
import TerminalUI

/// What the knob in hand can be set to, with what there is to know of the selected choice.
struct ChoicesOverlay: ListOverlay {
  var selected: Int

  let name = "choices"

  init(_ state: WorkbenchState) { selected = state.selectedChoice }

  func introduction(_ state: WorkbenchState) -> [Span] {
    [
      Span(
        "What this knob can be set to; * is what it is set to now. Beneath the list stands what the selected choice "
          + "does, what it needs and where it is from.", .overlay),
      state.knobParagraph,
    ]
  }

  var bindings: [Binding] {
    [
      Self.key([.enter, " "], "set", "Set the knob to this", hint: "sets", closes: true) { choices, state in
        let options = state.knob.options ?? []
        guard options.indices.contains(choices.selected) else { return [] }
        let settings = state.settings.with(state.knob, .word(options[choices.selected].label))
        return state.visit(state.recipe.replacing(settings, in: state.scope))
      }
    ] + Self.selecting() + [
      Self.key([.escape, "q"], "close", "Close", hint: "closes", closes: true) { _, _ in [] }
    ]
  }

  func items(_ state: WorkbenchState) -> [SelectionItem] { view(state).items }

  func listArea(_ state: WorkbenchState, in screen: Size) -> Rect {
    let inside = box(state, in: screen).interior(on: screen)
    return Rect(
      x: inside.x, y: inside.y, width: inside.width, height: view(state).listHeight(in: inside.size))
  }

  func draw(_ state: WorkbenchState, on canvas: inout Canvas) {
    box(state, in: canvas.size).draw(on: &canvas) { $0.draw(view(state)) }
  }

  private func view(_ state: WorkbenchState) -> ChoicesView {
    ChoicesView(knob: state.knob, current: state.selectedChoice, selected: selected)
  }

  private func box(_ state: WorkbenchState, in screen: Size) -> OverlayBox {
    box(state.knob.title, view(state).size(in: screen), state)
  }
}

extension WorkbenchState {
  /// Index of the selected knob's value among its options.
  package var selectedChoice: Int {
    knob.options?.firstIndex { .word($0.label) == knob.value(in: settings) } ?? 0
  }
}
