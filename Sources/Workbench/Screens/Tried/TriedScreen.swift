import Session
import TerminalUI

/// Everything tried in this session as a table: a row for each configuration, a column for each figure.
struct TriedScreen: Screen {
  /// The row under the cursor; nil for the configuration in hand.
  var selected: Variant.ID?
  /// Index into `TriedColumn.all`.
  var column = 0
  var order = TriedColumn.number
  var isReversed = false

  let name = "tried"
  var shortcut: (key: KeyEvent, description: String)? { ("a", "All that was tried, in a table") }

  func introduction(_ state: WorkbenchState) -> [Span] {
    [
      Span(
        "A row for every configuration that was tried, the original first, and a column for every figure. The arrow "
          + "points at the configuration in hand, a letter is its mark, ~ stands before an estimate, and ... after "
          + "the number of one that is not measured to the end. [ ] is the column that s sorts by, the better ones "
          + "first; another s turns the order round.")
    ]
  }

  var bindings: [Binding] {
    [
      Binding([.enter], "take-up", "Take this configuration up again, and look at it", hint: "take up") {
        $0.takeUpSelected()
      }
    ]
      + Binding.moving { rows, state in state.moveSelected(by: rows) }
      + [
        Binding([.left, "h"], "left", "Column to the left", hint: "column") { $0.moveColumn(by: -1) },
        Binding([.right, "l"], "right", "Column to the right", hint: "column") { $0.moveColumn(by: 1) },
        Binding(["s", " "], "sort", "Sort by this column, or the other way round", hint: "sort") {
          $0.sort(by: $0[TriedScreen.self].column)
        },
        Binding(["R", "i"], "recipe", "The whole recipe, layer by layer", hint: "recipe") { state in
          state.open(RecipeOverlay(variant: state.triedSelection))
        },
        Binding([.escape], "back", "Back to the first screen", hint: "back") { $0.shownScreen = 0 },
      ]
  }

  func draw(_ state: WorkbenchState, on canvas: inout Canvas) { canvas.draw(TriedView(state)) }

  func mouse(_ event: MouseEvent, _ state: inout WorkbenchState) -> [Effect] {
    let view = TriedView(state)
    switch event.kind {
    case .wheelUp: state.moveSelected(by: -1)
    case .wheelDown: state.moveSelected(by: 1)
    case .press:
      if let column = view.column(at: event.point, in: event.size) {
        state.sort(by: column)
      } else if let row = view.row(at: event.point, in: event.size) {
        let id = view.variants[row].id
        if id == state.triedSelection { return state.takeUpSelected() }
        state[TriedScreen.self].selected = id
      }
    case .release, .drag, .middlePress, .rightPress: break
    }
    return []
  }
}

extension WorkbenchState {
  /// The variant under the table's cursor.
  var triedSelection: Variant.ID { self[TriedScreen.self].selected ?? current.id }

  /// Everything tried in the order of the table: the original, then the others.
  var triedVariants: [Variant] {
    let screen = self[TriedScreen.self]
    return [original]
      + screen.order.sorted(Array(history.variants.dropFirst()), isReversed: screen.isReversed)
  }

  fileprivate mutating func moveSelected(by rows: Int) {
    let variants = triedVariants
    let place = variants.firstIndex { $0.id == triedSelection } ?? 0
    self[TriedScreen.self].selected = variants[min(max(place + rows, 0), variants.count - 1)].id
  }

  fileprivate mutating func moveColumn(by offset: Int) {
    let column = self[TriedScreen.self].column + offset
    self[TriedScreen.self].column = min(max(column, 0), TriedColumn.all.count - 1)
  }

  fileprivate mutating func sort(by column: Int) {
    var screen = self[TriedScreen.self]
    screen.isReversed = screen.order == TriedColumn.all[column] && !screen.isReversed
    screen.order = TriedColumn.all[column]
    screen.column = column
    self[TriedScreen.self] = screen
  }

  fileprivate mutating func takeUpSelected() -> [Effect] {
    guard let variant = history.variants.first(where: { $0.id == triedSelection }) else { return [] }
    shownScreen = 0
    return visit(variant.recipe)
  }
}
