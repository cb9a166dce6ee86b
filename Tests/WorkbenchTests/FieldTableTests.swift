import Evaluation
import Foundation
import Testing
import Workbench

/// docs/json.md has a row for every figure. `PARETOP_RECORD=1` writes the rows, and fails so that it is not left on.
@Suite("docs/json.md")
struct FieldTableTests {
  private static let page = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "docs/json.md")
  private static let header = "| Field | Column | Meaning |\n| --- | --- | --- |\n"

  private static var rows: String {
    Figure.groups.flatMap(\.self).flatMap { figure in
      let values = [figure.value, figure.interval, figure.original, figure.originalInterval].compactMap(
        \.self)
      return [row(figure.group, values, figure.meaning)]
        + figure.facts.map { row(figure.group, $0.fields, $0.meaning) }
    }.joined()
  }

  private static func row(_ group: String, _ fields: [Figure.Field], _ meaning: String) -> String {
    let names = fields.compactMap { $0.name.map { "`\(group).\($0)`" } }.joined(separator: ", ")
    let columns = fields.flatMap(\.columns).map { "`\($0)`" }.joined(separator: ", ")
    return "| \(names) | \(columns.isEmpty ? "" : columns + " ")| \(meaning) |\n"
  }

  @Test func theTableIsThatOfTheFigures() throws {
    let text = try String(contentsOf: Self.page, encoding: .utf8)
    let start = try #require(text.range(of: Self.header)).upperBound
    let end = text[start...].range(of: "\n\n")?.lowerBound ?? text.endIndex
    let table = text[start..<end] + "\n"
    if ProcessInfo.processInfo.environment["PARETOP_RECORD"] == "1" {
      try (text[..<start] + Self.rows.dropLast() + text[end...]).write(
        to: Self.page, atomically: true, encoding: .utf8)
      Issue.record("recorded docs/json.md; run again without PARETOP_RECORD")
      return
    }
    let (found, expected) = (table.split(separator: "\n"), Self.rows.split(separator: "\n"))
    for row in expected where !found.contains(row) { Issue.record("docs/json.md lacks \(row)") }
    for row in found where !expected.contains(row) { Issue.record("no figure has \(row)") }
    #expect(found == expected)
  }

  @Test func everyOtherFieldIsThere() throws {
    let text = try String(contentsOf: Self.page, encoding: .utf8)
    let object = try JSONSerialization.jsonObject(
      with: Data(EvaluationReport.sample(.mixed).json(isIndented: false).utf8))
    for key in try #require(object as? [String: Any]).keys {
      #expect(text.contains("`\(key)`") || text.contains("`\(key).") || text.contains("`\(key)[]`"), "\(key)")
    }
  }
}
