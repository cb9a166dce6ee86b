import Foundation
import Testing

/// A method or a setting that is declared but stands in no list would be compiled and never offered.
@Suite("Lists of methods and settings")
struct MethodListTests {
  private static let families = [
    "PruningCriterion", "PruningAllocation", "Compensation", "RangeMethod", "RoundingMethod", "Equalization",
    "FactorizationMethod",
  ]

  private static func compression() throws -> String {
    let folder = SourceFiles.root.appending(path: "Sources/Compression").path
    let files = try FileManager.default.subpathsOfDirectory(atPath: folder).filter { $0.hasSuffix(".swift") }
    return try files.sorted().map { try String(contentsOfFile: folder + "/" + $0, encoding: .utf8) }
      .joined(separator: "\n")
  }

  private static func names(_ pattern: String, in text: String) throws -> [String] {
    try text.matches(of: Regex(pattern, as: (Substring, Substring).self)).map { String($0.output.1) }
  }

  @Test("every method stands in the list of its family", arguments: families)
  func methodsAreListed(family: String) throws {
    let text = try Self.compression()
    let declared = try Self.names(#"static let (\w+) = "# + family + #"\("#, in: text)
    let list = try #require(
      try Self.names(#"allCases: \["# + family + #"\] = \[([^\]]*)\]"#, in: text).first)
    let listed = try Self.names(#"\.(\w+),"#, in: list)
    #expect(!declared.isEmpty && Set(declared) == Set(listed) && listed.count == declared.count)
  }

  @Test("every setting stands in the list")
  func settingsAreListed() throws {
    let text = try Self.compression()
    let declared = try Self.names(#"package var (\w+): TypedSetting<"#, in: text)
    let list = try #require(try Self.names(#"allCases: \[Setting\] = \[([^\]]*)\]"#, in: text).first)
    let listed = try Self.names(#"Setting\(\\\.(\w+)\),"#, in: list)
    #expect(!declared.isEmpty && Set(declared) == Set(listed) && listed.count == declared.count)
  }
}
