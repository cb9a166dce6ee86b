/// A column of a table.
package struct TableColumn: Sendable {
  package var title: String
  package var alignment: Alignment
  package var minWidth: Int
  /// The width it would like; nil: as much as is left.
  package var idealWidth: Int?
  /// Columns of a low priority are dropped first where there is no room.
  package var priority: Int
  /// Holds names: what does not fit is cut where the names do not differ, instead of at the end.
  package var isDistinct: Bool

  package init(
    _ title: String, alignment: Alignment = .leading, minWidth: Int, idealWidth: Int? = nil,
    priority: Int = 0, isDistinct: Bool = false
  ) {
    self.isDistinct = isDistinct
    self.title = title
    self.alignment = alignment
    self.minWidth = max(1, minWidth)
    self.idealWidth = idealWidth
    self.priority = priority
  }
}

/// Rows under a header, with a selected row kept in sight.
///
/// Each row has a span for every column; missing ones are blank. Narrow regions drop columns by priority,
/// low ones the header last.
package struct Table: Drawable, Sendable {
  package var columns: [TableColumn]
  package var rows: [[Span]]
  package var selection: Int?
  /// Whether the selected row is where the keys go.
  package var isFocused: Bool
  /// First row shown; moved as far as the selection needs.
  package var scroll: Int
  /// Shown instead of rows when there are none.
  package var emptyText: String

  package init(
    columns: [TableColumn], rows: [[Span]], selection: Int? = nil, isFocused: Bool = true, scroll: Int = 0,
    emptyText: String = ""
  ) {
    self.columns = columns
    self.rows = rows
    self.selection = selection
    self.isFocused = isFocused
    self.scroll = scroll
    self.emptyText = emptyText
  }

  package func draw(on canvas: inout Canvas) {
    guard !canvas.size.isEmpty else { return }
    let hasHeader = hasHeader(canvas.height)
    let shownRows = canvas.height - (hasHeader ? 1 : 0)
    let first = firstRow(height: canvas.height)
    let isScrolling = rows.count > shownRows && canvas.width > 8
    let parts = layout(width: canvas.width - (isScrolling ? 1 : 0))
    if hasHeader {
      canvas.fill(Rect(width: canvas.width, height: 1), " ", style: .header)
      for part in parts {
        let column = columns[part.column]
        canvas.text(
          column.title, x: part.x, width: part.width, style: .header, alignment: column.alignment)
      }
    }
    if rows.isEmpty { canvas.text(emptyText, y: hasHeader ? 1 : 0, width: canvas.width, style: .muted) }
    let names = distinctNames(parts)
    for (line, row) in rows.indices.dropFirst(first).prefix(shownRows).enumerated() {
      let y = line + (hasHeader ? 1 : 0)
      let isSelected = row == selection
      let style: CellStyle = isFocused ? .selection : .selectionMuted
      if isSelected { canvas.fill(Rect(y: y, width: canvas.width, height: 1), " ", style: style) }
      for part in parts where part.column < rows[row].count {
        let span = rows[row][part.column]
        canvas.text(
          names[part.column]?[row] ?? span.text, x: part.x, y: y, width: part.width,
          style: isSelected ? style : span.style,
          alignment: columns[part.column].alignment)
      }
    }
    if isScrolling { drawScrollbar(on: &canvas, top: hasHeader ? 1 : 0, first, shownRows) }
  }

  /// The texts of the columns that hold names, in as much room as there is.
  private func distinctNames(_ parts: [Part]) -> [Int: [String]] {
    parts.filter { columns[$0.column].isDistinct }.reduce(into: [:]) { names, part in
      names[part.column] = rows.map { part.column < $0.count ? $0[part.column].text : "" }.distinct(
        in: part.width)
    }
  }

  /// The row drawn at a line of the region; nil on the header and below the last.
  package func row(atY y: Int, height: Int) -> Int? {
    let line = y - (hasHeader(height) ? 1 : 0)
    let row = firstRow(height: height) + line
    return line >= 0 && y < height && row < rows.count ? row : nil
  }

  /// The first row shown in a region of this height.
  package func firstRow(height: Int) -> Int {
    let shown = max(1, height - (hasHeader(height) ? 1 : 0))
    var first = min(max(0, scroll), max(0, rows.count - shown))
    if let selection, rows.indices.contains(selection) {
      first = min(first, selection)
      first = max(first, selection - shown + 1)
    }
    return first
  }

  private func hasHeader(_ height: Int) -> Bool { height > 1 && columns.contains { !$0.title.isEmpty } }

  struct Part: Equatable {
    let column: Int
    let x: Int
    let width: Int
  }

  /// The columns that have room, with their places; one blank stands between neighbours.
  func layout(width: Int) -> [Part] {
    var shown = Array(columns.indices)
    func needed() -> Int { shown.reduce(0) { $0 + columns[$1].minWidth } + max(0, shown.count - 1) }
    while shown.count > 1, needed() > width {
      // Of equal priority the rightmost goes first.
      guard let least = shown.min(by: { (columns[$0].priority, -$0) < (columns[$1].priority, -$1) }) else {
        break
      }
      shown.removeAll { $0 == least }
    }
    var widths = shown.map { min(columns[$0].minWidth, max(0, width)) }
    var spare = max(0, width - needed())
    for (place, column) in shown.enumerated() {
      guard let ideal = columns[column].idealWidth else { continue }
      let more = min(spare, max(0, ideal - widths[place]))
      widths[place] += more
      spare -= more
    }
    let flexible = shown.indices.filter { columns[shown[$0]].idealWidth == nil }
    for (order, place) in flexible.enumerated() {
      widths[place] += spare * (order + 1) / flexible.count - spare * order / flexible.count
    }
    var x = 0
    return shown.indices.map { place in
      defer { x += widths[place] + 1 }
      return Part(column: shown[place], x: x, width: widths[place])
    }
  }

  private func drawScrollbar(on canvas: inout Canvas, top: Int, _ first: Int, _ shown: Int) {
    guard shown > 0 else { return }
    let thumb = max(1, shown * shown / rows.count)
    let start = (shown - thumb) * first / max(1, rows.count - shown)
    for line in 0..<shown {
      let isThumb = line >= start && line < start + thumb
      canvas.put(
        isThumb ? canvas.glyphs.full : canvas.glyphs.vertical, x: canvas.width - 1, y: top + line,
        style: isThumb ? .border : .grid)
    }
  }
}
