import ArgumentParser
import Foundation
import Kernels

/// Runs ONNX's backend tests through the engine, holds them against the list of those that passed before, and writes the
/// table of what is supported.
@main
struct ConformanceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "paretop-conformance",
    abstract: "Run the ONNX project's own backend tests through paretop's engine.",
    discussion: """
      CASES holds KIND/NAME/model.onnx with test_data_set_N/input_M.pb and output_M.pb beside it, as \
      Scripts/peer/backend_cases.py writes them. Exits with 1 when a case that is expected to pass does not.
      """)

  @Argument(help: "The folder of cases.")
  var cases: String

  @Option(help: "The list of cases that must pass, one KIND/NAME per line.")
  var expected: String?

  @Flag(help: "Write the list anew from what passes now.")
  var record = false

  @Option(help: "Where to write the table of operators.")
  var docs: String?

  @Option(help: "Run only cases whose KIND/NAME contains this.")
  var filter: String?

  @Flag(name: .shortAndLong, help: "Print every case that does not pass.")
  var verbose = false

  func run() throws {
    let folders = try CaseFolder.all(in: cases).filter { filter.map($0.id.contains) ?? true }
    let runner = CaseRunner(table: .for(.detected))
    let results = folders.map { folder in
      if verbose { FileHandle.standardError.write(Data("\(folder.id)\n".utf8)) }
      return runner.run(folder)
    }
    let report = ConformanceReport(results)
    print(report.summary)
    if verbose { for result in results where !result.outcome.isPassed { print(result.line) } }
    if let docs, filter == nil { try report.page.write(toFile: docs, atomically: true, encoding: .utf8) }
    guard let expected else { return }
    if record {
      let passed = results.filter(\.outcome.isPassed).map(\.id).sorted()
      try (passed.joined(separator: "\n") + "\n").write(toFile: expected, atomically: true, encoding: .utf8)
      return
    }
    let wanted = try Set(
      String(contentsOfFile: expected, encoding: .utf8).split(separator: "\n").map(String.init))
    let broken = results.filter { wanted.contains($0.id) && !$0.outcome.isPassed }
    for result in broken { print("passed before: \(result.line)") }
    let missing = filter == nil ? wanted.subtracting(results.map(\.id)) : []
    for id in missing.sorted() { print("passed before, and is not there: \(id)") }
    if !broken.isEmpty || !missing.isEmpty { throw ExitCode.failure }
  }
}
