import ArgumentParser
import Compression
import Evaluation
import Foundation
import TerminalUI
import Workbench

struct EvalVerb: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "eval",
    abstract: "Compress a model by a recipe, run it, and print what it buys and what it costs.")

  @OptionGroup var model: ModelOptions
  @OptionGroup var recipe: RecipeOptions

  @Flag(help: "Print one JSON object, as docs/json.md documents it.")
  var json = false

  func run() async throws {
    let recipe = try recipe.resolved()
    let opened = try model.data.open(model.model)
    let experiment = try model.data.experiment(opened)
    let evaluator = Evaluator(experiment)
    for finding in try await opened.findings(evaluator) { Output.note("note: \(finding)") }
    let readings = try await evaluator.settled(recipe, budget: .thorough)
    let report = EvaluationReport(
      model: opened.name, recipe: recipe, machine: experiment.machine,
      origin: opened.origin(of: experiment, version: Paretop.version), readings: readings)
    try Output.print(json ? report.json(isIndented: true) : ReportText(report).text)
    for notice in opened.notices + experiment.notices { Output.note("note: \(notice)") }
  }
}
