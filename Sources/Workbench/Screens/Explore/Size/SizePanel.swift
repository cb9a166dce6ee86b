import TerminalUI

/// The bytes of the weights, and which layers they are in.
struct SizePanel: Panel {
  let name = "size"

  func area(in layout: ExploreLayout) -> Rect { layout.size }

  func draw(_ state: WorkbenchState, on canvas: inout Canvas) { canvas.draw(SizeView(state)) }
}
