import TerminalUI

/// Lines of text of which an overlay shows as many as have room, from where it is scrolled to.
protocol ScrolledLines {
  /// The room that the lines get on a screen of this size.
  func size(in screen: Size) -> Size

  func lines(width: Int) -> [[Span]]
}

extension ScrolledLines {
  func farthestScroll(in screen: Size) -> Int {
    let size = size(in: screen)
    return max(0, lines(width: size.width).count - size.height)
  }

  func draw(on canvas: inout Canvas, from scroll: Int) {
    let lines = lines(width: canvas.width)
    let first = min(scroll, max(0, lines.count - canvas.height))
    for (y, line) in lines.dropFirst(first).prefix(canvas.height).enumerated() { canvas.text(line, y: y) }
  }
}
