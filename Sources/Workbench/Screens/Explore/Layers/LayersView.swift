import Compression
import Evaluation
import Recipes
import TerminalUI

/// One row per layer: its share of size and time against the original, its settings, and why it did not gain.
struct LayersView: Drawable {
  private let state: WorkbenchState

  init(_ state: WorkbenchState) { self.state = state }

  func draw(on canvas: inout Canvas) {
    let detail = detailHeight(canvas.height)
    canvas.draw(
      table(canvas.glyphs), in: Rect(width: canvas.width, height: canvas.height - detail))
    guard detail > 0, let layer = state.selectedLayer else { return }
    let area = Rect(y: canvas.height - detail, width: canvas.width, height: detail)
    canvas.draw(in: area) { drawDetail(of: layer, on: &$0) }
  }

  /// The layer drawn at a line of the region.
  func row(at y: Int, in size: Size) -> Int? {
    table(.ascii).row(atY: y, height: size.height - detailHeight(size.height))
  }

  private func detailHeight(_ height: Int) -> Int { height >= 10 ? 5 : height >= 6 ? 3 : 0 }

  private func table(_ glyphs: GlyphSet) -> Table {
    let layers = state.visibleLayers
    let names = state.layerNames
    let widest = layers.map { DisplayWidth.of(names[$0.name] ?? $0.name) }.max() ?? 0
    return Table(
      columns: LayerColumn.all.map { column in
        var result = column.column
        if result.isDistinct { result.minWidth = min(max(result.minWidth, widest), 15) }
        return result
      },
      rows: layers.map { layer in
        let row = LayerRow(layer, name: names[layer.name] ?? layer.name, state)
        return LayerColumn.all.map { $0.cell(row) }
      },
      selection: layers.firstIndex { $0.name == state.selectedLayer?.name },
      isFocused: state.hasFocus(LayersPanel.self),
      emptyText: state[panel: LayersPanel.self].filter.isEmpty
        ? "no compressible layer" : "no layer matches; Esc clears the filter")
  }

  /// What there is to say of the selected layer, as far as there is room; the rest is a key away.
  private func drawDetail(of layer: LayerSummary, on canvas: inout Canvas) {
    canvas.horizontalLine(x: 0, y: 0, length: canvas.width, style: .grid)
    let reading = state.reading(of: layer.name)
    let texts: [(String, CellStyle)] = [
      (
        [layer.shortName, layer.kind, reading?.kernel ?? ""].filter { !$0.isEmpty }.joined(separator: "  "),
        .muted
      ),
      (reading?.remarks.joined(separator: "; ") ?? "", .warning),
      (state.harmText(of: layer.name) ?? "", .muted),
    ]
    let lines = texts.flatMap { text, style in
      text.isEmpty ? [] : WordWrap.lines(text, width: canvas.width).map { Span($0, style) }
    }
    let room = max(0, canvas.height - 1)
    let shown =
      lines.count <= room ? lines : lines.prefix(max(0, room - 1)) + [Span("... i shows the rest", .key)]
    for (index, line) in shown.enumerated() { canvas.text([line], y: index + 1) }
  }
}
