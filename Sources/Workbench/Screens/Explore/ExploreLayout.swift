import TerminalUI

/// Where the panels stand in a body of a size; views draw by it and the mouse finds them by it.
struct ExploreLayout: Sendable {
  let knobs: Rect
  let layers: Rect
  let accuracy: Rect
  let latency: Rect
  let size: Rect
  let pareto: Rect

  init(_ body: Size) {
    let whole = Rect(width: body.width, height: body.height)
    let left = min(max(body.width * 36 / 100, 27), 66)
    // Neighbouring boxes share their border.
    let columns = whole.columns([.fixed(left), .flexible(1)], overlap: 1)
    // Scope and knobs always, and as many methods as leave the layers the larger part.
    let height = body.height < 20 ? 8 : min(max(body.height * 45 / 100, 11), 17)
    let panels = columns[0].rows([.fixed(height), .flexible(1)], overlap: 1)
    knobs = panels[0]
    layers = panels[1]
    let charts = columns[1].rows(
      [.fixed(min(max(body.height * 36 / 100, 6), 16)), .flexible(1)], overlap: 1)
    let readings = charts[0].columns([.flexible(1), .flexible(1), .flexible(1)], overlap: 1)
    accuracy = readings[0]
    latency = readings[1]
    size = readings[2]
    pareto = charts[1]
  }
}
