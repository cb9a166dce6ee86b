import Compression
import Recipes
import TerminalUI

/// The scope, the three knobs and the methods of the one in hand.
struct KnobsPanel: Panel {
  let name = "knobs"

  func area(in layout: ExploreLayout) -> Rect { layout.knobs }

  func introduction(_ state: WorkbenchState) -> [Span] {
    [
      Span(
        "Turn a knob and watch: every step compresses the model anew and runs it. Knobs turn the whole model, or with w "
          + "(or Enter in the layers) the selected layer alone.", .overlay),
      state.knobParagraph,
    ]
  }

  var bindings: [Binding] {
    [
      Binding(
        [.enter], "choices", "List what this knob can be set to, with sources",
        unless: { $0.knob.options == nil ? "\($0.knob.title) has no list: turn it with ← and →" : nil }
      ) { $0.open(ChoicesOverlay($0)) }
    ]
      + Binding.moving { rows, state in
        let knobs = Setting.allCases
        let index = (knobs.firstIndex(of: state.knob) ?? 0) + rows
        state.knob = knobs[min(max(index, 0), knobs.count - 1)]
      }
  }

  func draw(_ state: WorkbenchState, on canvas: inout Canvas) { canvas.draw(KnobsView(state)) }

  func mouse(_ event: MouseEvent, _ state: inout WorkbenchState) -> [Effect] {
    if event.kind == .wheelUp { return state.turn(.up) }
    if event.kind == .wheelDown { return state.turn(.down) }
    if event.point.y == 0 {
      state.toggleScope()
    } else if let knob = KnobsView(state).knob(at: event.point.y, height: event.size.height) {
      // A first click points, a second one on the same method lists its choices.
      if state.knob == knob, knob.options != nil { state.open(ChoicesOverlay(state)) }
      state.knob = knob
    }
    return []
  }
}

extension WorkbenchState {
  /// The rows of the knobs panel: every knob, and beneath the one in hand its methods.
  package var knobRows: [Setting] { Setting.allCases.filter { $0.knob == $0 || $0.knob == knob.knob } }
}
