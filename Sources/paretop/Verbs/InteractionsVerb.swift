import ArgumentParser
import Compression
import Evaluation
import Search
import TerminalUI
import Workbench

/// What each step of a recipe costs alone, and what all cost together.
struct InteractionsVerb: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "interactions",
    abstract:
      "Measure each step of a recipe alone, then all together, and print how far they get in each other's way."
  )

  @OptionGroup var model: ModelOptions
  @OptionGroup var recipe: RecipeOptions

  func run() async throws {
    let recipe = try recipe.resolved()
    let opened = try model.data.open(model.model)
    let evaluator = Evaluator(try model.data.experiment(opened))
    let progress = ProgressBar(total: RecipeInteraction.parts(of: recipe).count + 1)
    let found = try await RecipeInteraction.measure(
      recipe, with: { try await evaluator.settled($0, budget: .thorough) },
      step: { done, _, name in progress.show(done, name) })
    progress.end()
    try Output.print(InteractionTable(found).text)
    for notice in opened.notices { Output.note("note: \(notice)") }
  }
}
