import Evaluation
import Session
import TerminalUI

/// The original, the marks and the current configuration side by side.
struct CompareView: Drawable {
  private let columns: [(title: String, variant: Variant)]
  private let scroll: Int

  init(_ state: WorkbenchState, scroll: Int) {
    let marked = state.history.marked.map { ("\($0.mark)", $0.variant) }
    var columns = [("original", state.original)] + marked
    if !columns.contains(where: { $0.1.id == state.current.id }) { columns.append(("now", state.current)) }
    self.columns = columns
    self.scroll = scroll
  }

  func draw(on canvas: inout Canvas) {
    let rows = CompareView.rows(columns.map(\.variant))
    let width = min(canvas.width - 6, 14 + columns.count * 15)
    let overlay = Overlay(
      title: "compare", size: Size(width: width, height: min(canvas.height - 4, rows.count + 2)),
      footer: footer(width))
    overlay.draw(on: &canvas) { canvas in
      let shown = min(columns.count, max(1, (canvas.width - 14) / 15))
      let first = min(scroll, columns.count - shown)
      canvas.draw(table(rows, Array(columns.dropFirst(first).prefix(shown))))
    }
  }

  private func footer(_ width: Int) -> String {
    columns.count * 15 + 14 > width ? "↑↓ more columns  any key closes" : "any key closes"
  }

  private func table(_ rows: [Row], _ shown: [(title: String, variant: Variant)]) -> Table {
    Table(
      columns: [TableColumn("", minWidth: 12, idealWidth: 12, priority: 100)]
        + shown.map { TableColumn($0.title, alignment: .trailing, minWidth: 14) },
      rows: rows.map { row in
        [Span(row.title, .muted)] + shown.map { Span(row.text($0.variant), .overlay) }
      })
  }

  private struct Row {
    let title: String
    let text: (Variant) -> String
  }

  /// The recipe, then every figure, what it gains on the original, and what it was estimated by, where it was.
  private static func rows(_ variants: [Variant]) -> [Row] {
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
    return [Row(title: "recipe") { $0.recipe.summary }] + figures
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
