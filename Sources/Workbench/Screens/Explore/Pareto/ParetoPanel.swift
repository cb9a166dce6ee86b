import Evaluation
import Session
import TerminalUI

/// Every configuration tried as a point of a chart.
struct ParetoPanel: Panel {
  let name = "pareto"
  /// What the chart shows accuracy against.
  var axis = Figure.size
  /// The variant that the arrows stand on; nil without the focus.
  var cursor: Variant.ID?

  func title(_ state: WorkbenchState) -> String { ParetoView.title(axis) }

  func area(in layout: ExploreLayout) -> Rect { layout.pareto }

  func introduction(_ state: WorkbenchState) -> [Span] {
    [
      Span(
        "Every configuration tried. Walk the points with the arrows, Enter returns to one. The line joins those that "
          + "nothing beats: no other is both smaller (or faster) and more accurate. A hollow point (in ASCII o and ?, of "
          + "marks a small letter) has not settled: the line through it is where its score may come to lie, and the front "
          + "passes it by.", .overlay)
    ]
  }

  /// Up means more accurate, which on a front lies to the right.
  var bindings: [Binding] {
    let farthest = Int(Int32.max)
    return [
      Binding([.left, "h", .down, "j"], "left", "Point to the left", hint: "points") {
        Self.move(by: -1, &$0)
      },
      Binding([.right, "l", .up, "k"], "right", "Point to the right", hint: "points") {
        Self.move(by: 1, &$0)
      },
      Binding([.enter], "return", "Return to this configuration", hint: "return") { Self.goToCursor(&$0) },
      Binding([.pageDown], "far-left", "Ten points to the left") { Self.move(by: -10, &$0) },
      Binding([.pageUp], "far-right", "Ten points to the right") { Self.move(by: 10, &$0) },
      Binding([.home, "g"], "first", "The leftmost point") { Self.move(by: -farthest, &$0) },
      Binding([.end, "G"], "last", "The rightmost point") { Self.move(by: farthest, &$0) },
    ]
  }

  func draw(_ state: WorkbenchState, on canvas: inout Canvas) { canvas.draw(ParetoView(state)) }

  func mouse(_ event: MouseEvent, _ state: inout WorkbenchState) -> [Effect] {
    switch event.kind {
    case .wheelUp: Self.move(by: 1, &state)
    case .wheelDown: Self.move(by: -1, &state)
    case .press, .release, .drag, .middlePress, .rightPress:
      guard let id = ParetoView(state).variant(at: event.point, in: event.size) else { return [] }
      // A first click points, a second one on the same point goes there.
      if cursor == id { return Self.goToCursor(&state) }
      state[panel: ParetoPanel.self].cursor = id
    }
    return []
  }

  mutating func focusChanged(to isFocused: Bool, _ state: WorkbenchState) {
    cursor = isFocused ? state.current.id : nil
  }

  /// Points are walked from left to right, whatever the order in which they were tried.
  private static func move(by offset: Int, _ state: inout WorkbenchState) {
    let ordered = state.plotted.sorted { (state.chartX($0) ?? 0, $0.id) < (state.chartX($1) ?? 0, $1.id) }
    guard !ordered.isEmpty else { return }
    let index = ordered.firstIndex { $0.id == state[panel: ParetoPanel.self].cursor } ?? 0
    state[panel: ParetoPanel.self].cursor = ordered[min(max(index + offset, 0), ordered.count - 1)].id
  }

  private static func goToCursor(_ state: inout WorkbenchState) -> [Effect] {
    guard let id = state[panel: ParetoPanel.self].cursor,
      let variant = state.history.variants.first(where: { $0.id == id })
    else { return [] }
    return state.visit(variant.recipe)
  }
}
