import TerminalUI

/// The score, and how it went over the steps taken.
struct AccuracyPanel: Panel {
  let name = "accuracy"

  func area(in layout: ExploreLayout) -> Rect { layout.accuracy }

  func draw(_ state: WorkbenchState, on canvas: inout Canvas) { canvas.draw(AccuracyView(state)) }
}
