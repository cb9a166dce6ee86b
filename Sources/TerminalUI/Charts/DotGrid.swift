/// A raster of dots finer than cells, to plot on and then lay over a canvas.
///
/// A cell holds one style: the dot set last gives it. Positions outside are ignored.
package struct DotGrid: Sendable {
  package let marker: PlotMarker
  /// Cells across and down.
  package let size: Size
  private var bits: [UInt8]
  private var styles: [CellStyle]

  package init(size: Size, marker: PlotMarker) {
    self.size = size
    self.marker = marker
    bits = Array(repeating: 0, count: size.width * size.height)
    styles = Array(repeating: .text, count: bits.count)
  }

  /// Dots across and down.
  package var dots: Size {
    Size(width: size.width * marker.dots.width, height: size.height * marker.dots.height)
  }

  package mutating func set(_ x: Int, _ y: Int, style: CellStyle) {
    guard x >= 0, y >= 0, x < dots.width, y < dots.height else { return }
    let cell = (y / marker.dots.height) * size.width + x / marker.dots.width
    bits[cell] |= Self.bit(x % marker.dots.width, y % marker.dots.height, marker)
    styles[cell] = style
  }

  /// The straight line between two dots, both included (Bresenham, https://doi.org/10.1147/sj.41.0025).
  package mutating func line(from start: Point, to end: Point, style: CellStyle) {
    let reach = 1 << 20
    guard max(start.x.magnitude, start.y.magnitude, end.x.magnitude, end.y.magnitude) <= reach else { return }
    let dx = abs(end.x - start.x)
    let dy = -abs(end.y - start.y)
    let stepX = start.x < end.x ? 1 : -1
    let stepY = start.y < end.y ? 1 : -1
    var (x, y) = (start.x, start.y)
    var error = dx + dy
    while true {
      set(x, y, style: style)
      if x == end.x && y == end.y { return }
      let doubled = 2 * error
      if doubled >= dy {
        error += dy
        x += stepX
      }
      if doubled <= dx {
        error += dx
        y += stepY
      }
    }
  }

  /// Every second dot of a column between two rows, in a checkered pattern: a light fill.
  package mutating func shade(column x: Int, from top: Int, through bottom: Int, style: CellStyle) {
    let highest = dots.height - 1
    guard highest >= 0 else { return }
    let first = min(max(min(top, bottom), 0), highest)
    let last = min(max(top, bottom, 0), highest)
    for y in first...last where (x + y).isMultiple(of: 2) { set(x, y, style: style) }
  }

  /// True when no cell of the row has dots in these columns.
  package func isEmpty(row y: Int, columns: Range<Int>) -> Bool {
    guard y >= 0, y < size.height else { return true }
    return columns.clamped(to: 0..<size.width).allSatisfy { bits[y * size.width + $0] == 0 }
  }

  /// Puts the cells that have dots at the upper left of the canvas's region.
  package func draw(on canvas: inout Canvas) {
    for y in 0..<size.height {
      for x in 0..<size.width {
        let index = y * size.width + x
        guard bits[index] != 0 else { continue }
        canvas.put(Self.character(bits[index], marker), x: x, y: y, style: styles[index])
      }
    }
  }

  private static func bit(_ x: Int, _ y: Int, _ marker: PlotMarker) -> UInt8 {
    switch marker {
    // Unicode numbers the upper three rows column by column, and the lowest row after them.
    case .braille: y < 3 ? 1 << (y + 3 * x) : 1 << (6 + x)
    case .block, .ascii: 1 << y
    }
  }

  private static func character(_ bits: UInt8, _ marker: PlotMarker) -> Character {
    switch marker {
    case .braille: Character(Unicode.Scalar(0x2800 + UInt32(bits)) ?? " ")
    case .block: bits == 1 ? "▀" : bits == 2 ? "▄" : "█"
    case .ascii: bits == 1 ? "'" : bits == 2 ? "." : ":"
    }
  }
}
