/// A grid of styled cells that everything is drawn on; a terminal shows it, tests read it.
///
/// A value. Drawing happens in the current region, the whole frame at first: positions are relative to it,
/// `width` and `height` are its own, and nothing outside it can be written. `draw(in:)` enters a smaller
/// region for the time of a closure. Characters that do not fit are cut, never wrapped.
package struct Canvas: Sendable {
  /// Size of the whole frame, whatever the current region.
  package let frameSize: Size
  /// The characters that may be used; those it lacks are replaced when they are put.
  package var glyphs: GlyphSet
  /// The cells of the whole frame, row by row.
  package private(set) var cells: [Cell]

  /// The ground that is drawn on until the current region is left.
  package var surface = Surface.base

  private var region: Rect
  private var clip: Rect

  package init(size: Size, glyphs: GlyphSet = .unicode) {
    let frame = Rect(width: size.width, height: size.height)
    frameSize = frame.size
    self.glyphs = glyphs
    cells = Array(repeating: .blank, count: frame.width * frame.height)
    region = frame
    clip = frame
  }

  package init(width: Int, height: Int, glyphs: GlyphSet = .unicode) {
    self.init(size: Size(width: width, height: height), glyphs: glyphs)
  }

  package var width: Int { region.width }
  package var height: Int { region.height }
  package var size: Size { region.size }
  /// The current region in its own coordinates: its origin is 0, 0.
  package var bounds: Rect { Rect(width: region.width, height: region.height) }

  /// The cell at a position of the current region; blank outside it.
  package subscript(x: Int, y: Int) -> Cell {
    guard let index = index(x, y) else { return .blank }
    return cells[index]
  }

  /// Draws in a part of the current region, with its upper left corner as 0, 0.
  ///
  /// The part may reach beyond the region: what lies outside is not drawn.
  @discardableResult
  package mutating func draw<Result>(
    in rect: Rect, _ body: (inout Canvas) throws -> Result
  ) rethrows -> Result {
    let outer = (region, clip, surface)
    defer { (region, clip, surface) = outer }
    region = Rect(x: region.x + rect.x, y: region.y + rect.y, width: rect.width, height: rect.height)
    clip = clip.intersection(region)
    return try body(&self)
  }

  /// Draws a chart or widget over a part of the current region.
  package mutating func draw(_ drawable: some Drawable, in rect: Rect) {
    draw(in: rect) { drawable.draw(on: &$0) }
  }

  /// Draws a chart or widget over the whole current region.
  package mutating func draw(_ drawable: some Drawable) {
    drawable.draw(on: &self)
  }

  /// Puts one character; returns the columns it takes (0 if it has no width of its own).
  ///
  /// Half of a wide character is never left: the other half becomes blank, and a wide character that is
  /// cut by the edge is shown as a blank.
  @discardableResult
  package mutating func put(_ character: Character, x: Int, y: Int, style: CellStyle = .text) -> Int {
    let shown = glyphs.shown(character)
    let columns = DisplayWidth.of(shown)
    guard columns > 0 else { return 0 }
    var style = style
    if style.surface == .base { style.surface = surface }
    if columns == 1 {
      set(Cell(shown, style), x, y)
    } else if index(x, y) != nil, index(x + 1, y) != nil {
      set(Cell(shown, style), x, y)
      set(Cell(Cell.continuationMark, style), x + 1, y, isSecondHalf: true)
    } else {
      set(Cell(" ", style), x, y)
      set(Cell(" ", style), x + 1, y)
    }
    return columns
  }

  /// Fills a part of the current region with one character one column wide.
  package mutating func fill(_ rect: Rect, _ character: Character = " ", style: CellStyle = .text) {
    let area = rect.intersection(bounds)
    for y in area.y..<max(area.y, area.maxY) {
      for x in area.x..<max(area.x, area.maxX) { put(character, x: x, y: y, style: style) }
    }
  }

  package mutating func clear(style: CellStyle = .text) { fill(bounds, " ", style: style) }

  private func index(_ x: Int, _ y: Int) -> Int? {
    guard x >= 0, y >= 0, x < region.width, y < region.height else { return nil }
    let point = Point(x: region.x + x, y: region.y + y)
    guard clip.contains(point) else { return nil }
    return point.y * frameSize.width + point.x
  }

  private mutating func set(_ cell: Cell, _ x: Int, _ y: Int, isSecondHalf: Bool = false) {
    guard let index = index(x, y) else { return }
    let column = index % frameSize.width
    if cells[index].isContinuation, !isSecondHalf, column > 0 { cells[index - 1].character = " " }
    if column + 1 < frameSize.width, cells[index + 1].isContinuation {
      cells[index + 1].character = " "
    }
    cells[index] = cell
  }
}

extension Canvas: Equatable {
  /// Equal frames show the same; the region in which drawing goes on does not matter.
  package static func == (left: Canvas, right: Canvas) -> Bool {
    left.frameSize == right.frameSize && left.cells == right.cells
  }
}

/// Something that draws itself over the whole current region of a canvas, whatever its size.
package protocol Drawable {
  func draw(on canvas: inout Canvas)
}
