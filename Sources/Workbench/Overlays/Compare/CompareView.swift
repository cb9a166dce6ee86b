import Compression
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
    let width = min(canvas.width - 6, 14 + columns.count * 15)
    let overlay = Overlay(
      title: "compare", size: Size(width: width, height: min(canvas.height - 4, 18)), footer: footer(width))
    overlay.draw(on: &canvas) { canvas in
      let shown = min(columns.count, max(1, (canvas.width - 14) / 15))
      let first = min(scroll, columns.count - shown)
      canvas.draw(table(Array(columns.dropFirst(first).prefix(shown))))
    }
  }

  private func footer(_ width: Int) -> String {
    columns.count * 15 + 14 > width ? "↑↓ more columns  any key closes" : "any key closes"
  }

  private func table(_ shown: [(title: String, variant: Variant)]) -> Table {
    Table(
      columns: [TableColumn("", minWidth: 12, idealWidth: 12, priority: 100)]
        + shown.map { TableColumn($0.title, alignment: .trailing, minWidth: 14) },
      rows: CompareView.rows.map { row in
        [Span(row.title, .muted)] + shown.map { Span(row.text($0.variant), .overlay) }
      })
  }

  private struct Row {
    let title: String
    let text: (Variant) -> String

    init(_ title: String, _ text: @escaping (Variant) -> String) {
      self.title = title
      self.text = text
    }

    /// A row of a figure that may not have been measured yet.
    init(_ title: String, measured: @escaping (Readings) -> String?) {
      self.init(title) { $0.measurement.flatMap(measured) ?? "-" }
    }
  }

  private static var rows: [Row] {
    let percent = NumberFormat.percent
    let bytes = NumberFormat.bytes
    let seconds = NumberFormat.seconds
    let ratio = NumberFormat.ratio
    return [
      Row("recipe") { $0.recipe.summary },
      Row("size", measured: { bytes.text($0.size.bytes) }),
      Row(
        "  smaller", measured: { ratio.text(Double($0.size.originalBytes) / Double(max($0.size.bytes, 1))) }),
      Row("  zipped", measured: { $0.size.deflatedBytes.map { bytes.text($0) } }),
      Row("  nonzeros", measured: { NumberFormat.count.text($0.size.nonzeros) }),
      Row("accuracy", measured: { $0.accuracy.map { percent.text($0.value) } }),
      Row("  95 % from", measured: { $0.accuracy.map { percent.text($0.interval.low) } }),
      Row("  to", measured: { $0.accuracy.map { percent.text($0.interval.high) } }),
      Row("  change", measured: { $0.accuracy.map { percent.change($0.difference) } }),
      Row("latency p50", measured: { $0.latency.map { seconds.text($0.p50 * 1e-9) } }),
      Row("  p95", measured: { $0.latency.map { seconds.text($0.p95 * 1e-9) } }),
      Row("  faster", measured: { $0.latency.map { ratio.text($0.speedup) } }),
      Row("MACs", measured: { $0.operations.map { NumberFormat.count.text($0.macs) } }),
      Row("  executed", measured: { $0.operations.map { NumberFormat.count.text($0.executedMacs) } }),
      Row("energy", measured: { $0.energy.map { NumberFormat.joules.text($0.joules) } }),
      Row("  source", measured: { $0.energy.map(\.source.rawValue) }),
    ]
  }
}
