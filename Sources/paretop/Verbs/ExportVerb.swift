import ArgumentParser
import Evaluation
import Foundation
import Session
import TerminalUI

struct ExportVerb: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract:
      "Write the compressed model as ONNX that other runtimes load, with the recipe as TOML beside it.")

  @OptionGroup var model: ModelOptions
  @OptionGroup var recipe: RecipeOptions

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("The ONNX file to write; named after the recipe by default.", valueName: "file"))
  var output: String?

  @Flag(help: "Replace files that are there.")
  var force = false

  func run() async throws {
    let recipe = try recipe.resolved()
    let opened = try model.data.open(model.model)
    let experiment = try model.data.experiment(opened)
    let path =
      output
      ?? Exporter.freePath(in: FileManager.default.currentDirectoryPath, name: opened.name, recipe: recipe)
    let result = try Exporter.export(
      try experiment.compressor.compress(recipe), inputs: opened.openInputs, to: path, replacing: force)
    let bytes = NumberFormat.bytes
    try Output.print(
      "\(result.modelPath)  \(bytes.text(result.bytes)), zipped \(bytes.text(result.deflatedBytes))\n\(result.recipePath)"
    )
  }
}
