import Session
import TerminalUI

/// The table of everything tried, over the whole recipe of the selected row and the meaning of the selected column.
struct TriedView: Drawable {
  let variants: [Variant]
  private let state: WorkbenchState
  private let screen: TriedScreen
  /// A row for each variant, a text for each of `TriedColumn.all`.
  private let cells: [[String]]
  private let layout: TriedLayout

  init(_ state: WorkbenchState) {
    let variants = state.triedVariants
    let cells = variants.map { variant in TriedColumn.all.map { $0.text(variant) } }
    self.state = state
    self.variants = variants
    self.cells = cells
    screen = state[TriedScreen.self]
    layout = TriedLayout(cells, selected: screen.column)
  }

  func draw(on canvas: inout Canvas) {
    let height = tableHeight(canvas.size)
    canvas.draw(
      table(width: canvas.width, canvas.glyphs), in: Rect(width: canvas.width, height: height))
    canvas.horizontalLine(x: 0, y: height, length: canvas.width, style: .grid)
    let area = Rect(x: 1, y: height + 1, width: canvas.width - 2, height: canvas.height - height - 1)
    canvas.draw(TextBox(detail, style: .muted), in: area)
  }

  /// The row drawn at a point.
  func row(at point: Point, in size: Size) -> Int? {
    let height = tableHeight(size)
    guard point.y < height else { return nil }
    return table(width: size.width, .ascii).row(atY: point.y, height: height)
  }

  /// The column whose title is drawn at a point, as an index into `TriedColumn.all`.
  func column(at point: Point, in size: Size) -> Int? {
    point.y == 0 ? layout.column(atX: point.x, width: size.width) : nil
  }

  /// A line and the details stand below it, as far as a third of the screen holds them.
  private func tableHeight(_ size: Size) -> Int {
    let lines = WordWrap.lines(detail, width: size.width - 2).count
    return max(3, size.height - 1 - min(lines, size.height / 3))
  }

  private func table(width: Int, _ glyphs: GlyphSet) -> Table {
    let shown = layout.shown(width)
    let columns = shown.map { index in
      let columnWidth = layout.width(index, in: width)
      return TableColumn(
        title(index), alignment: TriedColumn.all[index].alignment, minWidth: columnWidth,
        idealWidth: columnWidth)
    }
    let marks = TableColumn("", minWidth: TriedLayout.markWidth, idealWidth: TriedLayout.markWidth)
    return Table(
      columns: [marks] + columns,
      rows: zip(variants, cells).map { variant, cells in
        [mark(variant, glyphs)] + shown.map { Span(cells[$0], style(variant)) }
      },
      selection: variants.firstIndex { $0.id == state.triedSelection })
  }

  private func title(_ index: Int) -> String {
    let column = TriedColumn.all[index]
    let title = column.title + (column == screen.order ? (screen.isReversed ? "▲" : "▼") : "")
    return index == screen.column ? "[\(title)]" : title
  }

  private func mark(_ variant: Variant, _ glyphs: GlyphSet) -> Span {
    let pointer = variant.id == state.current.id ? "\(glyphs.pointer)" : " "
    return Span(pointer + (variant.mark.map { " \($0)" } ?? ""), .mark)
  }

  private func style(_ variant: Variant) -> CellStyle {
    if variant.id == state.original.id { return .original }
    return variant.measurement?.stage == .settled ? .text : .muted
  }

  private var detail: String {
    guard let variant = variants.first(where: { $0.id == state.triedSelection }) else { return "" }
    let failure = state.failure(of: variant).map { "could not be measured: \($0)" }
    let measured =
      switch variant.measurement?.stage {
      case _ where failure != nil: failure ?? ""
      case nil: "not measured yet"
      case .size: "its size is known, the rest is not measured yet"
      case .first: "first values, not measured to the end"
      case .settled: "settled"
      }
    let age = Age.text(since: variant.created, now: state.now)
    let column = TriedColumn.all[screen.column]
    return "\(variant.id): \(variant.recipe.summary); \(measured); tried \(age)\n"
      + "[\(column.title)] \(column.meaning)"
  }
}
