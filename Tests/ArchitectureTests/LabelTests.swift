import Foundation
import Testing

/// Text is for people: what a kernel is and what is remarked of a layer, code asks of the value.
@Suite("Labels")
struct LabelTests {
  @Test("no code searches the text of a kernel or a remark", arguments: ["Sources", "Tests", "Benchmarks"])
  func nobodyReadsLabels(folder: String) throws {
    let pattern = try Regex(
      #"\b(kernel|remarks?|identity|formLabel)\??(\.description)?\.(contains|hasPrefix|hasSuffix|split)\("#)
    let root = SourceFiles.root.appending(path: folder)
    let files = try #require(FileManager.default.enumerator(atPath: root.path))
    for case let file as String in files where file.hasSuffix(".swift") {
      let text = try String(contentsOf: root.appending(path: file), encoding: .utf8)
      for line in text.split(separator: "\n") where line.firstMatch(of: pattern) != nil {
        Issue.record("\(folder)/\(file) reads a text for people: \(line)")
      }
    }
  }
}
