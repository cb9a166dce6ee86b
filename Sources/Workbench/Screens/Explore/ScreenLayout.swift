import TerminalUI

/// Where the panels stand at a terminal size; views draw by it and the mouse finds them by it.
package struct ScreenLayout: Sendable {
  /// Smallest size on which everything has a place.
  package static let minimum = Size(width: 60, height: 16)

  package let header: Rect
  package let knobs: Rect
  package let layers: Rect
  package let accuracy: Rect
  package let latency: Rect
  package let size: Rect
  package let pareto: Rect
  package let status: Rect
  package let footer: Rect

  package init(_ screen: Size) {
    let whole = Rect(width: screen.width, height: screen.height)
    let rows = whole.rows([.fixed(1), .flexible(1), .fixed(1), .fixed(1)])
    header = rows[0]
    status = rows[2]
    footer = rows[3]
    let left = min(max(screen.width * 36 / 100, 27), 66)
    // Neighbouring boxes share their border.
    let columns = rows[1].columns([.fixed(left), .flexible(1)], overlap: 1)
    let short = rows[1].height < 20
    let panels = columns[0].rows([.fixed(short ? 7 : 11), .flexible(1)], overlap: 1)
    knobs = panels[0]
    layers = panels[1]
    let charts = columns[1].rows(
      [.fixed(min(max(rows[1].height * 36 / 100, 6), 16)), .flexible(1)], overlap: 1)
    let readings = charts[0].columns([.flexible(1), .flexible(1), .flexible(1)], overlap: 1)
    accuracy = readings[0]
    latency = readings[1]
    size = readings[2]
    pareto = charts[1]
  }
}
