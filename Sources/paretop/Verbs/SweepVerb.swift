import ArgumentParser
import Compression
import Evaluation
import Foundation
import Recipes
import Search
import Workbench

struct SweepVerb: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sweep", abstract: "Measure every combination of ranges of the knobs, as CSV or JSON lines.",
    discussion: "With --output a sweep that was stopped goes on where it stopped.")

  enum Format: String, ExpressibleByArgument, CaseIterable { case csv, jsonl }

  @OptionGroup var model: ModelOptions

  @Option(help: "Pruning ratios: from:to:step, or values with commas.")
  var prune: String?

  @Option(help: "Weight bits, with commas.")
  var weightBits: String?

  @Option(help: "Activation bits, with commas.")
  var activationBits: String?

  @Option(help: "Ranks: from:to:step, or values with commas.")
  var rank: String?

  @Option(
    name: .customLong("over"),
    help: ArgumentHelp(
      "Values of any other setting (paretop methods lists them); may be given again.",
      valueName: "name=values"))
  var others: [String] = []

  @Option(help: ArgumentHelp("A recipe for everything the ranges leave open.", valueName: "file"))
  var recipe: String?

  @Option(help: "csv or jsonl.")
  var format: Format = .csv

  @Option(name: .shortAndLong, help: ArgumentHelp("A file to write, and to resume from.", valueName: "file"))
  var output: String?

  @Option(name: .customLong("bits"), help: .hidden)
  var formerWeightBits: String?

  @Option(name: .customLong("activations"), help: .hidden)
  var formerActivationBits: String?

  private func ranges() throws -> [Setting: String] {
    var ranges: [Setting: String] = [:]
    var renamings = Renamings()
    ranges[.prune] = prune
    ranges[.weightBits] = weightBits ?? formerWeightBits
    ranges[.activationBits] = activationBits ?? formerActivationBits
    ranges[.rank] = rank
    if formerWeightBits != nil { renamings.note("--bits", "--weight-bits") }
    if formerActivationBits != nil { renamings.note("--activations", "--activation-bits") }
    for text in others {
      let sides = text.split(separator: "=", maxSplits: 1).map(String.init)
      guard sides.count == 2, let setting = Setting(key: sides[0]) else {
        throw VerbError.badOption("over", text, Setting.allCases.map { "\($0.key)=VALUES" })
      }
      if sides[0] != setting.key { renamings.note(sides[0], setting.key) }
      ranges[setting] = sides[1]
    }
    Output.note(renamings, in: "the command line")
    return ranges
  }

  private func format(of ranges: [Setting: String]) -> SweepFormat {
    switch format {
    case .csv: .csv(SweepTable(swept: Set(ranges.keys)))
    case .jsonl: .jsonLines
    }
  }

  func run() async throws {
    let base = try recipe.map(RecipeOptions.read) ?? .identity
    let ranges = try ranges()
    let grid = try SweepGrid(ranges, base: base)
    let opened = try model.data.open(model.model)
    let experiment = try model.data.experiment(opened)
    let evaluator = Evaluator(experiment)
    let file = try SweepFile(path: output, format: format(of: ranges))
    let recipes = grid.recipes
    let runner = SweepRunner(recipes: recipes) { try await evaluator.settled($0) }
    let progress = ProgressBar(total: recipes.count)
    var failures = 0
    let origin = opened.origin(of: experiment, version: Paretop.version)
    let done = file.done(among: recipes, origin: origin)
    if !done.isEmpty { progress.note("\(done.count) of \(recipes.count) are measured already") }
    let others = try file.others(than: origin)
    if others > 0 {
      progress.note(
        "\(others) rows of the file are of another model, another machine or version; they stay, and are not "
          + "taken for this sweep's")
    }
    for try await result in runner.results(skipping: done) {
      switch result.outcome {
      case .success(let measurement):
        try file.append(
          EvaluationReport(
            model: opened.name, recipe: result.recipe, machine: experiment.machine, origin: origin,
            readings: measurement))
      case .failure(let error):
        failures += 1
        progress.note("\(result.recipe.summary): \(error)")
      }
      progress.show(result.index + 1, result.recipe.summary)
    }
    progress.end()
    if failures > 0 { throw VerbError.sweepFailures(failures, recipes.count) }
  }
}
