import Foundation

/// One benchmark of the program `paretop-bench`: a verb, what it prints, and how to run it.
struct BenchmarkVerb: Sendable {
  let name: String
  /// What follows the verb on the command line.
  let arguments: String
  let summary: String
  let run: @Sendable ([String]) async throws -> Void
}

/// Runs the benchmark that the first argument names. Prints tables; nothing here passes or fails.
@main
struct Bench {
  /// Every benchmark, one line each.
  static let verbs: [BenchmarkVerb] = [
    BenchmarkTable.verb,
    KnobBenchmark.verb,
    KernelBenchmark.verb,
    SlotBenchmark.verb,
    ModelBenchmark.verb,
    CompressionBenchmark.verb,
    StepBenchmark.verb,
    FileBenchmark.verb,
  ]

  static func main() async throws {
    let arguments = Array(CommandLine.arguments.dropFirst())
    guard let name = arguments.first, let verb = verbs.first(where: { $0.name == name }) else {
      print("usage:")
      for verb in verbs { print("  paretop-bench \(verb.name) \(verb.arguments)\n      \(verb.summary)") }
      exit(64)
    }
    try await verb.run(Array(arguments.dropFirst()))
  }
}
