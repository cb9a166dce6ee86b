import Evaluation
import Session
import TerminalUI

/// The original, the marks and the current configuration side by side.
struct CompareView: Drawable {
  private let columns: [(title: String, variant: Variant)]
  private let rows: [Row]
  private let firstColumn: Int
  private let firstRow: Int

  /// Of the figures' names, the longest of which stands two to the right under its group's first.
  private static let nameWidth = 13
  private static let columnWidth = 14

  /// - Parameters:
  ///   - column: columns passed over.
  ///   - row: rows passed over.
  init(_ state: WorkbenchState, column: Int = 0, row: Int = 0) {
    let marked = state.history.marked.map { ("\($0.mark)", $0.variant) }
    var columns = [("original", state.original)] + marked
    if !columns.contains(where: { $0.1.id == state.current.id }) { columns.append(("now", state.current)) }
    self.columns = columns
    rows = CompareView.rows(columns.map(\.1), state)
    firstColumn = column
    firstRow = row
  }

  func size(in screen: Size) -> Size {
    Size(
      width: min(
        screen.width - 6, CompareView.nameWidth + 2 + columns.count * (CompareView.columnWidth + 1)),
      height: min(screen.height - 4, rows.count + 1))
  }

  /// Rows that are out of sight beneath the titles.
  func farthestScroll(in screen: Size) -> Int { rows.count + 1 - size(in: screen).height }

  func farthestColumn(in screen: Size) -> Int { columns.count - shownColumns(size(in: screen).width) }

  func draw(on canvas: inout Canvas) {
    let shown = shownColumns(canvas.width)
    let first = min(firstColumn, columns.count - shown)
    canvas.draw(table(Array(columns.dropFirst(first).prefix(shown))))
  }

  /// One cell is left for the scroll bar.
  private func shownColumns(_ width: Int) -> Int {
    min(columns.count, max(1, (width - CompareView.nameWidth - 1) / (CompareView.columnWidth + 1)))
  }

  private func table(_ shown: [(title: String, variant: Variant)]) -> Table {
    Table(
      columns: [
        TableColumn("", minWidth: CompareView.nameWidth, idealWidth: CompareView.nameWidth, priority: 100)
      ] + shown.map { TableColumn($0.title, alignment: .trailing, minWidth: CompareView.columnWidth) },
      rows: rows.map { row in
        [Span(row.title, .muted)] + shown.map { Span(row.text($0.variant), .overlay) }
      }, scroll: firstRow)
  }

  private struct Row {
    let title: String
    let text: (Variant) -> String
  }

  /// The recipe, then every figure, what it gains on the original, and what it was estimated by, where it was.
  private static func rows(_ variants: [Variant], _ state: WorkbenchState) -> [Row] {
    let figures = Figure.groups.flatMap { group in
      group.enumerated().flatMap { place, figure in
        var rows = [row(place == 0 ? figure.label : "  " + figure.label) { figure.text($0) }]
        if let word = figure.gain {
          rows.append(row("  " + word) { figure.gain(in: $0).map { NumberFormat.ratio.text($0) } })
        }
        if place == 0, variants.contains(where: { $0.isEstimated(figure) }) {
          rows.append(row("  source") { figure.provenance($0)?.kind.rawValue })
        }
        return rows
      }
    }
    let states =
      variants.allSatisfy(\.isSettled)
      ? []
      : [Row(title: "state") { $0.isSettled ? "settled" : state.hasFailed($0) ? "failed" : "not settled" }]
    return recipeRows(variants) + states + figures
  }

  /// As many rows as the longest recipe needs in its column.
  private static func recipeRows(_ variants: [Variant]) -> [Row] {
    func lines(_ variant: Variant) -> [String] { WordWrap.lines(variant.recipe.summary, width: columnWidth) }
    let count = variants.map { lines($0).count }.max() ?? 1
    return (0..<count).map { index in
      Row(title: index == 0 ? "recipe" : "") { variant in
        let lines = lines(variant)
        return index < lines.count ? lines[index] : ""
      }
    }
  }

  /// A row of what may not have been measured yet.
  private static func row(_ title: String, _ measured: @escaping (Readings) -> String?) -> Row {
    Row(title: title) { $0.measurement.flatMap(measured) ?? "-" }
  }
}

extension Variant {
  fileprivate func isEstimated(_ figure: Figure) -> Bool {
    measurement.flatMap { figure.provenance($0) }?.kind == .estimated
  }
}
