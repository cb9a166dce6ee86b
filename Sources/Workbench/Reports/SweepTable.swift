import Compression
import Evaluation
import Foundation
import Recipes
import Session

/// A sweep's results as CSV: one header, one line per configuration, every column with its unit.
///
/// The knobs have columns in every sweep, other settings where the sweep turns them. The last columns say what a row was
/// measured with and hold the whole recipe as JSON: from these a sweep that is resumed knows what has been measured.
package struct SweepTable: Sendable {
  private let swept: [Setting]

  /// - Parameter swept: the settings that the sweep turns.
  package init(swept: Set<Setting>) {
    self.swept = Setting.allCases.filter { swept.contains($0) && SweepTable.knobs[$0] == nil }
  }

  /// Knobs by the columns that they have in every sweep.
  private static let knobs: [Setting: String] = [
    .prune: "prune", .weightBits: "weights_bits", .activationBits: "activations_bits", .rank: "rank",
  ]

  private static let knobOrder: [Setting] = [.prune, .weightBits, .activationBits, .rank]

  private var columns: [String] {
    ["model", "recipe"] + SweepTable.knobOrder.compactMap { SweepTable.knobs[$0] }
      + Figure.all.flatMap { $0.fields.flatMap(\.columns) } + swept.map(\.key) + SweepTable.origin
      + ["recipe_json"]
  }

  private static let origin = ["model_digest", "data_digest", "machine", "version"]

  package var header: String { columns.map(CSVRecords.written).joined(separator: ",") }

  package func line(_ report: EvaluationReport) throws -> String {
    let settings = report.recipe.model
    let figures = Figure.all.flatMap { $0.fields.flatMap { $0.cells(report.readings) } }
    let cells =
      [report.model, report.recipe.summary] + SweepTable.knobOrder.map { text($0, settings) } + figures
      + swept.map { text($0, settings) }
      + [report.origin.model, report.origin.data, report.origin.machine, report.origin.version]
      + [try SweepTable.json(report.recipe)]
    return cells.map(CSVRecords.written).joined(separator: ",")
  }

  private func text(_ setting: Setting, _ settings: LayerSettings) -> String {
    switch setting.value(in: settings) {
    case .number(let number): "\(number)"
    case .word(let word): word
    }
  }

  private static func json(_ recipe: Recipe) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(recipe), as: UTF8.self)
  }

  /// The rows of a file that begins with this table's header.
  /// - Throws: `SweepFileError` where it does not, or holds something else than whole rows and one that was cut off.
  package func rows(in bytes: Data) throws -> SweepRows {
    let records = CSVRecords(bytes)
    guard let first = records.whole.first, SweepTable.withoutMark(first.fields) == columns else {
      throw SweepFileError.otherHeader(expected: header)
    }
    var rows = SweepRows(wholeBytes: first.end)
    if bytes.prefix(first.end).suffix(2) == Data("\r\n".utf8) { rows.lineEnd = "\r\n" }
    for record in records.whole.dropFirst() where record.fields != [""] {
      guard let measured = measured(record) else { throw SweepFileError.otherRow(line: record.line) }
      rows.measured.insert(measured)
    }
    rows.wholeBytes = records.whole.last?.end ?? first.end
    guard let rest = records.rest else { return rows }
    if !records.isOpen, let measured = measured(rest) {
      rows.measured.insert(measured)
      rows.wholeBytes = rest.end
      rows.isLineOpen = true
    } else if records.isOpen, bytes.dropFirst(rows.wholeBytes).contains(UInt8(ascii: "\n")) {
      // A quote that is missing further up would make the rest of the file one row: nothing of it is cut off.
      throw SweepFileError.otherRow(line: rest.line)
    }
    return rows
  }

  private func measured(_ record: CSVRecords.Record) -> MeasuredRecipe? {
    guard record.fields.count == columns.count,
      let recipe = try? JSONDecoder().decode(Recipe.self, from: Data(record.fields[columns.count - 1].utf8))
    else { return nil }
    let origin = record.fields.dropLast().suffix(SweepTable.origin.count).map(CSVRecords.read)
    return MeasuredRecipe(
      origin: MeasurementOrigin(model: origin[0], data: origin[1], machine: origin[2], version: origin[3]),
      recipe: recipe)
  }

  /// Spreadsheets begin a file with a byte order mark.
  private static func withoutMark(_ fields: [String]) -> [String] {
    guard let first = fields.first, first.hasPrefix("\u{FEFF}") else { return fields }
    return [String(first.unicodeScalars.dropFirst())] + fields.dropFirst()
  }
}
