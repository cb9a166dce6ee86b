import Compression
import Foundation
import Testing

@Suite struct PassOrderTests {
  private static let docs = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "docs/compression.md")

  @Test func docsShowThePassesInTheirOrder() throws {
    let text = try String(contentsOf: Self.docs, encoding: .utf8)
    let table = try #require(text.firstRange(of: "| Pass | What it does | Why there |\n"))
    let rows = text[table.upperBound...].split(separator: "\n", omittingEmptySubsequences: false)
      .prefix { $0.hasPrefix("|") }.dropFirst()
    let shown = rows.map {
      $0.dropFirst(2).prefix { $0 != "(" && $0 != "|" }.trimmingCharacters(in: .whitespaces)
    }
    #expect(shown == CompressionPipeline.labels)
  }
}
