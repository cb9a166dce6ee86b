import TerminalUI

/// The time of a run, and how it went over the steps taken.
struct LatencyPanel: Panel {
  let name = "latency p50"

  func area(in layout: ExploreLayout) -> Rect { layout.latency }

  func draw(_ state: WorkbenchState, on canvas: inout Canvas) { canvas.draw(LatencyView(state)) }
}
