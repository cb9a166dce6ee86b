import Session
import TerminalUI

/// One configuration in full: its whole recipe, layer by layer, and how far it was measured.
struct RecipeOverlay: ScrollOverlay {
  let variant: Variant.ID
  var scroll = 0

  let name = "recipe"
  var bindings: [Binding] { Self.scrolling("scroll") + [Self.closing] }

  func introduction(_ state: WorkbenchState) -> [Span] {
    [
      Span(
        "The whole recipe of one configuration: what is asked of the model and, where they have settings of their own, of "
          + "single layers. Export writes it as a file beside the model.", .overlay)
    ]
  }

  func farthestScroll(_ state: WorkbenchState) -> Int {
    view(state)?.farthestScroll(in: state.size) ?? 0
  }

  func draw(_ state: WorkbenchState, on canvas: inout Canvas) {
    guard let view = view(state) else { return }
    box(name, view.size(in: canvas.size), state).draw(on: &canvas) { view.draw(on: &$0, from: scroll) }
  }

  private func view(_ state: WorkbenchState) -> RecipeView? {
    state.history.variants.first { $0.id == variant }.map { RecipeView($0, state) }
  }
}
