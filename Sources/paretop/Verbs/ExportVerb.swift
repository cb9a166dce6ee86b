import ArgumentParser
import Compression
import Evaluation
import Foundation
import GraphIR
import ModelFormats
import Operators
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

  @Option(
    help: ArgumentHelp(
      "The ONNX operator set to write in, 13 to 21. By default the model's own, or what its weights need: 21 for codes "
        + "of 4 bits and less, which older runtimes do not read.", valueName: "number"))
  var opset: Int?

  @Option(
    help: ArgumentHelp(
      "Who should read the file: "
        + ExportFormat.allCases.map { "\($0.rawValue) (\($0.note))" }.joined(separator: "; ") + "."))
  var format = ExportFormat.standard

  @Flag(help: "Replace files that are there.")
  var force = false

  func run() async throws {
    let recipe = try recipe.resolved()
    let opened = try model.data.open(model.model)
    let unknown = OperatorRegistry.standard.unknown(in: opened.model.graph)
    let compressor: Compressor
    if unknown.isEmpty {
      compressor = try model.data.experiment(opened).compressor
    } else {
      Output.note("note: \(InspectVerb.notice(of: unknown))")
      compressor = Compressor(model: opened.model)
    }
    let path =
      output
      ?? Exporter.freePath(in: FileManager.default.currentDirectoryPath, name: opened.name, recipe: recipe)
    let draft = try ExportDraft(
      try compressor.compress(recipe), inputs: opened.openInputs, opset: opset, format: format,
      originalBytes: opened.fileBytes)
    // Told before anything is written, so that who watches can stop.
    for remark in (draft.sizeRemark.map { [$0] } ?? []) + draft.runtimeRemarks {
      Output.note("note: \(remark)")
    }
    try InputGuard(opened.path).check(path)
    let result = try Exporter.write(draft, to: path, replacing: force)
    let bytes = NumberFormat.bytes
    try Output.print(
      "\(result.modelPath)  \(bytes.text(result.bytes)), zipped \(bytes.text(result.deflatedBytes)); "
        + "weights as stored \(bytes.text(draft.storedBytes)), operator set \(draft.opset)\n\(result.recipePath)"
    )
  }
}

extension ExportFormat: ExpressibleByArgument {}
