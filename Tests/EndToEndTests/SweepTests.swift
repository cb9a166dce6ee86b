import Foundation
import Testing

/// Sweeps as a person runs them, stops them and takes them up again.
@Suite("Sweeps")
struct SweepTests {
  private static let model = Sandbox.sample("digits-mlp")

  private func sweep(
    _ ranges: [String], of model: String = SweepTests.model, format: String, to file: URL
  ) throws -> Sandbox.Output {
    try Sandbox.paretop(["sweep", model] + ranges + ["--output", file.path, "--format", format])
  }

  private func file(_ format: String) throws -> URL {
    try Sandbox.makeFolder().appending(path: "sweep.\(format)")
  }

  private func lines(_ file: URL) throws -> [String] {
    try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map(String.init)
  }

  /// Lines above the first row.
  private func headers(_ format: String) -> Int { format == "csv" ? 1 : 0 }

  @Test(arguments: ["csv", "jsonl"]) func aSweepGoesOnWhereItStopped(format: String) throws {
    let file = try file(format)
    let ranges = ["--weight-bits", "32,8,4"]
    #expect(try sweep(ranges, format: format, to: file).status == 0)
    let whole = try lines(file)
    #expect(whole.count == 3 + headers(format))
    // The last row was being written.
    let kept = whole.dropLast().joined(separator: "\n") + "\n"
    try (kept + whole[whole.count - 1].prefix(40)).write(to: file, atomically: true, encoding: .utf8)
    let resumed = try sweep(ranges, format: format, to: file)
    #expect(resumed.status == 0 && resumed.errors.contains("2 of 3"), "\(resumed.errors)")
    #expect(try lines(file).count == whole.count)
    #expect(try lines(file).dropLast() == whole.dropLast())
    // Another model's rows are not taken for this one's.
    #expect(
      try sweep(["--weight-bits", "8"], of: Sandbox.sample("adder-transformer"), format: format, to: file)
        .status
        == 0)
    #expect(try lines(file).count == whole.count + 1)
  }

  /// A file's rows hold for their model, data and machine alone, whatever these are called.
  @Test func rowsOfOtherDataAreNotMixedIn() throws {
    let file = try file("csv")
    let ranges = ["--weight-bits", "32,8"]
    #expect(try sweep(ranges, format: "csv", to: file).status == 0)
    let before = try lines(file)
    let other = try sweep(ranges + ["--scale", "0.03"], format: "csv", to: file)
    #expect(other.status == 1 && other.errors.contains("other data"), "\(other.errors)")
    #expect(try lines(file) == before)
  }

  @Test(arguments: ["csv", "jsonl"]) func onlyTheSameRecipeIsSkipped(format: String) throws {
    let file = try file(format)
    let ranges = ["--prune", "0.5", "--over", "criterion=magnitude,random"]
    #expect(try sweep(ranges, format: format, to: file).status == 0)
    let rows = try lines(file).dropFirst(headers(format))
    #expect(rows.count == 2)
    #expect(rows[rows.startIndex].contains("magnitude") && rows[rows.startIndex + 1].contains("random"))
    // The same in short, P50, but by another recipe.
    let recipe = try Sandbox.makeFolder().appending(path: "recipe.toml")
    try "[model]\nsymmetry = \"asymmetric\"\n".write(to: recipe, atomically: true, encoding: .utf8)
    #expect(try sweep(ranges + ["--recipe", recipe.path], format: format, to: file).status == 0)
    #expect(try lines(file).count == 4 + headers(format))
    let again = try sweep(ranges, format: format, to: file)
    #expect(again.errors.contains("2 of 2"), "\(again.errors)")
    #expect(try lines(file).count == 4 + headers(format))
  }

  @Test(arguments: ["csv", "jsonl"]) func linesOfAnotherSystemAreRead(format: String) throws {
    let file = try file(format)
    #expect(try sweep(["--weight-bits", "32,8"], format: format, to: file).status == 0)
    let before = try lines(file).map { $0 + "\r\n" }.joined()
    try before.write(to: file, atomically: true, encoding: .utf8)
    #expect(try sweep(["--weight-bits", "8,4"], format: format, to: file).status == 0)
    let after = try String(contentsOf: file, encoding: .utf8)
    #expect(after.hasPrefix(before) && after.hasSuffix("\r\n"))
    #expect(after.utf8.count { $0 == UInt8(ascii: "\n") } == 3 + headers(format))
  }

  @Test(arguments: ["csv", "jsonl"]) func somethingElseIsLeftAsItIs(format: String) throws {
    for text in ["ten years of notes", "ten years\nof notes\n", "a,b\r\n1,2\r\n", "{\"a\": 1}\n"] {
      let file = try file(format)
      try text.write(to: file, atomically: true, encoding: .utf8)
      let output = try sweep(["--weight-bits", "8"], format: format, to: file)
      #expect(output.status == 1 && output.errors.contains("name another file"), "\(output.errors)")
      #expect(try String(contentsOf: file, encoding: .utf8) == text)
    }
  }

  @Test func otherColumnsAreRefused() throws {
    let file = try file("csv")
    #expect(try sweep(["--weight-bits", "8"], format: "csv", to: file).status == 0)
    let before = try lines(file)
    let output = try sweep(["--weight-bits", "8", "--over", "symmetry=asymmetric"], format: "csv", to: file)
    #expect(output.status == 1 && output.errors.contains("over other settings"), "\(output.errors)")
    #expect(try lines(file) == before)
  }

  @Test func standardOutputHasEverything() throws {
    let output = try Sandbox.paretop(["sweep", Self.model, "--prune", "0:0.5:0.25"])
    #expect(output.status == 0, "\(output.errors)")
    let lines = output.text.split(separator: "\n")
    #expect(lines.count == 4)
    #expect(lines[0].hasPrefix("model,recipe,") && lines[0].hasSuffix(",recipe_json"))
  }
}
