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
    let worst = state.visibleLayers.compactMap { state.sensitivity(of: $0.name)?.reading.relativeError }
      .filter(\.isFinite).max()
    return Table(
      columns: [
        TableColumn("name", minWidth: min(max(7, longestName), 15), priority: 9),
        TableColumn("shape", minWidth: 10, idealWidth: 18, priority: 1),
        TableColumn("size", alignment: .trailing, minWidth: 7, priority: 3),
        TableColumn("size%", alignment: .trailing, minWidth: 5, priority: 8),
        TableColumn("time", alignment: .trailing, minWidth: 7, priority: 2),
        TableColumn("time%", alignment: .trailing, minWidth: 5, priority: 5),
        TableColumn("P", alignment: .trailing, minWidth: 2, priority: 5),
        TableColumn("B", alignment: .trailing, minWidth: 4, priority: 6),
        TableColumn("R", alignment: .trailing, minWidth: 3, priority: 4),
        TableColumn("sens", minWidth: 4, idealWidth: 5, priority: 7),
        TableColumn("!", minWidth: 1, priority: 10),
      ],
      rows: state.visibleLayers.map { row($0, worst: worst, glyphs) },
      selection: state[panel: LayersPanel.self].cursor,
      isFocused: state.hasFocus(LayersPanel.self),
      emptyText: state[panel: LayersPanel.self].filter.isEmpty
        ? "no compressible layer" : "no layer matches; Esc clears the filter")
  }

  private var longestName: Int { state.visibleLayers.map { DisplayWidth.of($0.shortName) }.max() ?? 0 }

  private func row(_ layer: LayerSummary, worst: Double?, _ glyphs: GlyphSet) -> [Span] {
    let settings = state.recipe.settings(for: layer.name)
    let reading = state.reading(of: layer.name)
    let overridden = state.recipe.layers[layer.name] != nil
    let name: CellStyle = state.scope == .layer(layer.name) ? .accent.bold : overridden ? .accent : .text
    let size = reading.map { NumberFormat.bytes.text($0.size.bytes) } ?? ""
    let time = reading?.nanoseconds.map { Figure.latency.unit.text($0) } ?? ""
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
      // Weights that are left as they are have the width they came with.
      Span(
        settings.weightBits == .float32
          ? layer.storedBits ?? settings.weightBits.label : settings.weightBits.label),
      Span(settings.rank == 1 ? "" : "\(Int((settings.rank * 100).rounded()))"),
      Span(sensitivityBar(layer, worst: worst, glyphs), .accent),
      Span(reading?.remarks.isEmpty ?? true ? "" : "!", .warning),
    ]
  }

  /// A bar of what the layer alone suffers from the knob in hand, against the layer that suffers most.
  private func sensitivityBar(_ layer: LayerSummary, worst: Double?, _ glyphs: GlyphSet) -> String {
    guard let error = state.sensitivity(of: layer.name)?.reading.relativeError else { return "" }
    let share = error.isFinite ? error / max(worst ?? 0, .leastNormalMagnitude) : 1
    let cells = share > 0 ? max(1, Int((share * 4).rounded())) : 0
    return String(repeating: glyphs.full, count: min(cells, 4))
      + String(repeating: glyphs.empty, count: max(0, 4 - cells))
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
    let lines = [(remarks, CellStyle.warning), (sensitivityText(of: layer) ?? "", .muted)].flatMap {
      text, style in
      text.isEmpty ? [] : WordWrap.lines(text, width: canvas.width).map { Span($0, style) }
    }
    for (index, line) in lines.prefix(max(0, canvas.height - 2)).enumerated() {
      canvas.text([line], y: index + 2)
    }
  }

  /// Such as "4 bits W here alone: output error 3.1 %, 1.6 % of answers change (64 of digits)".
  private func sensitivityText(of layer: LayerSummary) -> String? {
    guard let (probe, reading) = state.sensitivity(of: layer.name) else { return nil }
    let percent = NumberFormat.percent
    var settings = LayerSettings()
    try? probe.knob.set(probe.amount, in: &settings)
    let changed = reading.changedAnswers.map { ", \(percent.text($0)) of answers change" } ?? ""
    return "\(probe.knob.title) \(probe.knob.label(of: settings)) here alone: "
      + "output error \(percent.text(reading.relativeError))\(changed) (\(reading.samples) of \(reading.data))"
  }
}
