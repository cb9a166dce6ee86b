extension Canvas {
  /// Draws a border just inside `rect`; borders that meet or cross it join.
  ///
  /// The title stands in the upper border and is cut to fit. A rectangle one cell high or wide becomes a line.
  package mutating func box(
    _ rect: Rect, title: String = "", style: CellStyle = .border, titleStyle: CellStyle = .title
  ) {
    guard !rect.isEmpty else { return }
    let right = rect.maxX - 1
    let bottom = rect.maxY - 1
    horizontalLine(x: rect.x, y: rect.y, length: rect.width, style: style)
    horizontalLine(x: rect.x, y: bottom, length: rect.width, style: style)
    verticalLine(x: rect.x, y: rect.y, length: rect.height, style: style)
    verticalLine(x: right, y: rect.y, length: rect.height, style: style)
    guard !title.isEmpty, rect.width > 4 else { return }
    let room = rect.width - 4
    let columns = min(DisplayWidth.of(title), room - 1)
    guard columns > 0 else { return }
    text(" ", x: rect.x + 1, y: rect.y, style: style)
    text(title, x: rect.x + 2, y: rect.y, width: columns, style: titleStyle)
    text(" ", x: rect.x + 2 + columns, y: rect.y, style: style)
  }

  /// A bordered panel: draws the box, then the body in its interior.
  package mutating func panel(
    _ rect: Rect, title: String = "", isFocused: Bool = false, _ body: (inout Canvas) -> Void
  ) {
    box(
      rect, title: title, style: isFocused ? .borderFocused : .border,
      titleStyle: isFocused ? .accent.bold : .title)
    draw(in: rect.inset(by: 1), body)
  }

  package mutating func horizontalLine(x: Int, y: Int, length: Int, style: CellStyle = .border) {
    for offset in 0..<max(0, length) {
      var sides: LineSides = []
      if offset > 0 { sides.insert(.left) }
      if offset < length - 1 { sides.insert(.right) }
      join(length == 1 ? [.left, .right] : sides, x: x + offset, y: y, style: style)
    }
  }

  package mutating func verticalLine(x: Int, y: Int, length: Int, style: CellStyle = .border) {
    for offset in 0..<max(0, length) {
      var sides: LineSides = []
      if offset > 0 { sides.insert(.up) }
      if offset < length - 1 { sides.insert(.down) }
      join(length == 1 ? [.up, .down] : sides, x: x, y: y + offset, style: style)
    }
  }

  /// Adds line sides to a cell; what another border drew there stays.
  private mutating func join(_ sides: LineSides, x: Int, y: Int, style: CellStyle) {
    let old = self[x, y]
    var joined = sides
    switch old.style.role {
    case .border, .borderFocused, .overlayBorder: joined.formUnion(LineSides(of: old.character) ?? [])
    default: break
    }
    let keepsFocus = old.style.role == .borderFocused && joined != sides
    put(glyphs.line(joined), x: x, y: y, style: keepsFocus ? old.style : style)
  }
}
