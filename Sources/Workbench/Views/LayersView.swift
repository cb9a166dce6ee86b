import Compression
import Evaluation
import TerminalUI

/// One row per layer: its share of size and time against the original, its settings, and why it did not gain.
struct LayersView: Drawable {
  private let state: WorkbenchState

  init(_ state: WorkbenchState) { self.state = state }

  func draw(on canvas: inout Canvas) {
    let detail = detailHeight(canvas.height)
    canvas.draw(table, in: Rect(width: canvas.width, height: canvas.height - detail))
    guard detail > 0, let layer = state.selectedLayer else { return }
    let area = Rect(y: canvas.height - detail, width: canvas.width, height: detail)
    canvas.draw(in: area) { drawDetail(of: layer, on: &$0) }
  }

  /// The layer drawn at a line of the region.
  func row(at y: Int, in size: Size) -> Int? {
    table.row(atY: y, height: size.height - detailHeight(size.height))
  }

  private func detailHeight(_ height: Int) -> Int { height >= 9 ? 4 : height >= 6 ? 2 : 0 }

  private var table: Table {
    Table(
      columns: [
        TableColumn("name", minWidth: min(max(7, longestName), 15), priority: 9),
        TableColumn("shape", minWidth: 10, idealWidth: 18, priority: 1),
        TableColumn("size", alignment: .trailing, minWidth: 7, priority: 3),
        TableColumn("size%", alignment: .trailing, minWidth: 5, priority: 8),
        TableColumn("time", alignment: .trailing, minWidth: 7, priority: 2),
        TableColumn("time%", alignment: .trailing, minWidth: 5, priority: 7),
        TableColumn("P", alignment: .trailing, minWidth: 2, priority: 5),
        TableColumn("B", alignment: .trailing, minWidth: 4, priority: 6),
        TableColumn("R", alignment: .trailing, minWidth: 3, priority: 4),
        TableColumn("!", minWidth: 1, priority: 10),
      ],
      rows: state.visibleLayers.map(row), selection: state.layerCursor, isFocused: state.panel == .layers,
      emptyText: state.layerFilter.isEmpty
        ? "no compressible layer" : "no layer matches; Esc clears the filter")
  }

  private var longestName: Int { state.visibleLayers.map(\.shortName.count).max() ?? 0 }

  private func row(_ layer: LayerSummary) -> [Span] {
    let settings = state.recipe.settings(for: layer.name)
    let reading = state.reading(of: layer.name)
    let overridden = state.recipe.layers[layer.name] != nil
    let name: CellStyle = state.scope == .layer(layer.name) ? .accent.bold : overridden ? .accent : .text
    let size = reading.map { NumberFormat.bytes.text($0.size.bytes) } ?? ""
    let time = reading?.nanoseconds.map { NumberFormat.seconds.text($0 * 1e-9) } ?? ""
    let sizeShare = reading.map { Double($0.size.bytes) / Double(max($0.size.originalBytes, 1)) }
    return [
      Span(layer.shortName, name),
      Span(layer.kind, .muted),
      Span(size),
      share(sizeShare),
      Span(time),
      // The original against itself would show nothing but noise.
      share(state.recipe == .identity ? nil : reading.flatMap(Self.timeShare)),
      Span(settings.prune == 0 ? "" : "\(Int((settings.prune * 100).rounded()))"),
      Span(settings.weights.label),
      Span(settings.rank == 1 ? "" : "\(Int((settings.rank * 100).rounded()))"),
      Span(reading?.remarks.isEmpty ?? true ? "" : "!", .warning),
    ]
  }

  /// A share of the original: smaller or faster is good.
  private func share(_ value: Double?) -> Span {
    guard let value, value.isFinite else { return Span("") }
    let percent = Int((value * 100).rounded())
    return Span(percent > 999 ? ">999" : "\(percent)", percent < 97 ? .good : percent > 103 ? .bad : .text)
  }

  static func timeShare(_ reading: LayerReading) -> Double? {
    guard let now = reading.nanoseconds, let before = reading.originalNanoseconds, before > 0 else {
      return nil
    }
    return now / before
  }

  private func drawDetail(of layer: LayerSummary, on canvas: inout Canvas) {
    canvas.horizontalLine(x: 0, y: 0, length: canvas.width, style: .grid)
    let reading = state.reading(of: layer.name)
    canvas.text(
      "\(layer.shortName)  \(layer.kind)  \(reading?.kernel ?? "")", y: 1, width: canvas.width, style: .muted)
    let remarks = reading?.remarks.joined(separator: "; ") ?? ""
    canvas.draw(
      TextBox(remarks, style: .warning), in: Rect(y: 2, width: canvas.width, height: canvas.height - 2))
  }
}
