import Compression
import Evaluation
import Recipes
import TerminalUI

/// A column of the layer table: how it stands there, what it says, and what that means.
struct LayerColumn: Sendable {
  let column: TableColumn
  /// For help, and for who looks at one layer.
  let meaning: String
  let cell: @Sendable (LayerRow) -> Span

  var title: String { column.title }

  static let all: [LayerColumn] = [
    LayerColumn(
      column: TableColumn("name", minWidth: 7, priority: 9, isDistinct: true),
      meaning: "the layer; long names are shortened where they do not differ, i shows the whole",
      cell: { Span($0.name, $0.nameStyle) }),
    LayerColumn(
      column: TableColumn("shape", minWidth: 10, idealWidth: 18, priority: 1),
      meaning: "operator and shape of its weights", cell: { Span($0.layer.kind, .muted) }),
    LayerColumn(
      column: TableColumn("size", alignment: .trailing, minWidth: 7, priority: 3),
      meaning: "bytes of its weights as stored",
      cell: { Span($0.reading.map { NumberFormat.bytes.text($0.size.bytes) } ?? "") }),
    LayerColumn(
      column: TableColumn("size%", alignment: .trailing, minWidth: 5, priority: 8),
      meaning: "the same in percent of the original's", cell: { $0.percent($0.sizeShare) }),
    LayerColumn(
      column: TableColumn("time", alignment: .trailing, minWidth: 7, priority: 2),
      meaning: "median time in one run",
      cell: { Span($0.reading?.nanoseconds.map { Figure.latency.unit.text($0) } ?? "") }),
    LayerColumn(
      column: TableColumn("time%", alignment: .trailing, minWidth: 5, priority: 5),
      meaning: "the same in percent of the original's", cell: { $0.percent($0.timeShare) }),
    LayerColumn(
      column: TableColumn("P", alignment: .trailing, minWidth: 2, priority: 5),
      meaning: "percent that is pruned, as asked for: by prune, or by an N:M pattern whatever prune says",
      cell: { Span($0.pruned == 0 ? "" : "\(Int(($0.pruned * 100).rounded()))") }),
    LayerColumn(
      column: TableColumn("B", alignment: .trailing, minWidth: 4, priority: 6),
      meaning: "bits of a weight", cell: { Span($0.bits) }),
    LayerColumn(
      column: TableColumn("R", alignment: .trailing, minWidth: 3, priority: 4),
      meaning: "percent of its rank that is kept, as asked for",
      cell: { Span($0.settings.rank == 1 ? "" : "\(Int(($0.settings.rank * 100).rounded()))") }),
    LayerColumn(
      column: TableColumn("hurt%", alignment: .trailing, minWidth: 5, priority: 7),
      meaning:
        "what the knob in hand does in this layer alone, at the model's amount or else the usual one: percent of "
        + "the answers that change; of a model whose rows have one output, the error of the output in percent. In "
        + "every layer the same unit",
      cell: { $0.hurt }),
    LayerColumn(
      column: TableColumn("!", minWidth: 1, priority: 10),
      meaning: "a setting did not help here, or had no effect; i says why",
      cell: { Span($0.reading?.remarks.isEmpty ?? true ? "" : "!", .warning) }),
  ]
}

/// What the columns say of one layer.
struct LayerRow: Sendable {
  let layer: LayerSummary
  /// As it stands in the table.
  let name: String
  let nameStyle: CellStyle
  let settings: LayerSettings
  let reading: LayerReading?
  /// A share of changed answers, or of error, and why it is not known.
  let harm: Double?
  let hasFailed: Bool
  let isOriginal: Bool

  init(_ layer: LayerSummary, name: String, _ state: WorkbenchState) {
    self.layer = layer
    self.name = name
    let isOverridden = state.recipe.layers[layer.name] != nil
    nameStyle = state.scope == .layer(layer.name) ? .accent.bold : isOverridden ? .accent : .text
    settings = state.recipe.settings(for: layer.name)
    reading = state.reading(of: layer.name)
    harm = state.harm(of: layer.name)
    hasFailed = state.probe(of: layer.name).map { state.probeFailures[$0] != nil } ?? false
    isOriginal = state.recipe == .identity
  }

  var sizeShare: Double? { reading.map { Double($0.size.bytes) / Double(max($0.size.originalBytes, 1)) } }

  /// Nil of the original, which against itself would show nothing but noise.
  var timeShare: Double? {
    guard !isOriginal, let now = reading?.nanoseconds, let before = reading?.originalNanoseconds, before > 0
    else { return nil }
    return now / before
  }

  /// Weights that are left as they are have the width they came with.
  var bits: String {
    settings.weightBits == .float32
      ? layer.storedBits ?? settings.weightBits.label : settings.weightBits.label
  }

  /// The share that goes: an N:M pattern has its own.
  var pruned: Double {
    guard settings.prune > 0, let (kept, of) = settings.pattern.nofm else { return settings.prune }
    return Double(of - kept) / Double(of)
  }

  var hurt: Span {
    guard let harm else { return Span(hasFailed ? "n/a" : "", .muted) }
    guard harm.isFinite else { return Span("inf", .bad) }
    let text = harm < 0.0995 ? NumberFormat.fixed(harm * 100, 1) : NumberFormat.fixed(harm * 100, 0)
    return Span(harm > 9.995 ? ">999" : text, .accent)
  }

  /// A share of the original: smaller or faster is good.
  func percent(_ value: Double?) -> Span {
    guard let value, value.isFinite else { return Span("") }
    let percent = Int((min(value, 1e6) * 100).rounded())
    return Span(percent > 999 ? ">999" : "\(percent)", percent < 97 ? .good : percent > 103 ? .bad : .text)
  }
}
