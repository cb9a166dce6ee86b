import Compression
import Evaluation
import Recipes
import TerminalUI

/// What there is to say of one layer, in full.
struct LayerView: ScrolledLines {
  private let layer: LayerSummary
  private let row: LayerRow
  private let state: WorkbenchState

  private static let columns = 18

  /// Nil where the model has no layer.
  init?(_ state: WorkbenchState) {
    guard let layer = state.selectedLayer else { return nil }
    self.layer = layer
    self.state = state
    row = LayerRow(layer, name: layer.name, state)
  }

  func size(in screen: Size) -> Size { Size(width: min(90, screen.width - 6), height: screen.height - 4) }

  func lines(width: Int) -> [[Span]] {
    var text = TextLines(width: width)
    text.paragraph(layer.name, .accent.bold)
    entry("shape", layer.kind, &text)
    entry("parameters", NumberFormat.grouped(layer.parameters), &text)
    entry("size", against(layer.bytes, row.reading.map { $0.size.bytes }), &text)
    entry("time", time, &text)
    entry("runs as", row.reading?.kernel ?? "not known yet", &text)
    for remark in row.reading?.remarks ?? [] {
      text.entry(Span("!", .warning), remark, columns: 2, style: .warning)
    }
    addKnobs(to: &text)
    text.heading("in this layer alone")
    for probe in state.probes(of: layer.name) {
      let found = state.harmText(of: probe) ?? "\(probe.knob.title): not measured yet"
      text.entry(Span("", .muted), found, columns: 2)
    }
    text.heading("columns of the table")
    for column in LayerColumn.all {
      text.entry(Span(column.title, .key), column.meaning, columns: 7)
    }
    return text.lines
  }

  private func entry(_ label: String, _ text: String, _ lines: inout TextLines) {
    lines.entry(Span(label, .muted), text, columns: Self.columns)
  }

  private func against(_ original: Int, _ now: Int?) -> String {
    let bytes = NumberFormat.bytes
    guard let now, state.recipe != .identity else { return bytes.text(original) }
    return
      "\(bytes.text(now)), \(row.percent(row.sizeShare).text) % of \(bytes.text(row.reading?.size.originalBytes ?? original))"
  }

  private var time: String {
    let unit = Figure.latency.unit
    guard let now = row.reading?.nanoseconds else { return "not measured yet" }
    guard let before = row.reading?.originalNanoseconds, row.timeShare != nil else { return unit.text(now) }
    return "\(unit.text(now)), \(row.percent(row.timeShare).text) % of \(unit.text(before))"
  }

  /// Each knob with where its value comes from, and the methods that are not the standard ones.
  private func addKnobs(to text: inout TextLines) {
    text.heading("what is asked of it")
    let override = state.recipe.layers[layer.name]
    for setting in Setting.allCases where setting.isKnob || !setting.isStandard(in: row.settings) {
      let own = override?.named.contains(setting.key) ?? false
      let label = setting.isKnob ? setting.title : "  " + setting.title
      entry(label, setting.label(of: row.settings) + (own ? ", this layer's own" : ""), &text)
    }
  }
}
