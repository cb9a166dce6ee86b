import ArgumentParser
import Compression
import Execution
import Foundation
import GraphIR
import ModelFormats
import Operators
import Recipes
import Session
import TensorCore

struct RunVerb: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Run a model on arrays and write its raw outputs.",
    discussion: "Arrays are taken by the names of the model's inputs, as they are: without preprocessing.")

  @OptionGroup var model: ModelOptions
  @OptionGroup var recipe: RecipeOptions

  @Option(help: ArgumentHelp("Arrays to feed, npz or npy.", valueName: "file"))
  var input: String

  @Option(help: ArgumentHelp("Where the outputs go, npz.", valueName: "file"))
  var output: String

  func run() async throws {
    guard model.data.scale == nil, model.data.mean == nil, model.data.std == nil, model.data.layout == nil
    else {
      throw VerbError.rawRun
    }
    try InputGuard(input).check(output)
    let recipe = try recipe.resolved()
    let arrays = try ArrayFile.read(path: input)
    let graph = try graph(recipe)
    let feeds = try RunInputs.match(arrays, to: graph.inputs, file: input)
    let plan = try ModelPlan(
      graph: graph,
      options: PlanOptions(
        batch: feeds.batch, dimensions: ShapeInference.dimensions(of: graph, from: feeds.tensors),
        level: model.data.level(), threads: model.data.threads == nil ? 1 : model.data.threadCount()),
      trial: feeds.tensors)
    try NPZ.write(plan.run(feeds.tensors, in: plan.makeContext()), to: output)
  }

  /// The model alone needs no data; a recipe may need calibration data to set its ranges.
  private func graph(_ recipe: Recipe) throws -> Graph {
    if recipe == .identity {
      return try ReadModel(path: model.model, dimensions: model.data.dimensions()).model.graph
    }
    let opened = try model.data.open(model.model)
    var graph = try model.data.experiment(opened).compressor.compress(recipe).model.graph
    graph.inputs = opened.openInputs
    return graph
  }
}

/// Arrays brought to a model's inputs.
struct RunInputs {
  let tensors: [String: Tensor]
  let batch: Int

  /// A single input takes a single array whatever its name, or the one named x; types are converted to the input's.
  static func match(_ arrays: [String: Tensor], to inputs: [ValueInfo], file: String) throws -> RunInputs {
    var tensors: [String: Tensor] = [:]
    for input in inputs {
      let only = inputs.count > 1 ? nil : arrays.count == 1 ? arrays.values.first : arrays["x"]
      guard let array = arrays[input.name] ?? only else {
        throw VerbError.missingArray(input.name, file, arrays.keys.sorted())
      }
      tensors[input.name] = try Conversion(file: file, array: input.name)(array, to: input.dataType)
    }
    let batch = inputs.lazy.compactMap { tensors[$0.name]?.shape.dimensions.first }.first ?? 1
    return RunInputs(tensors: tensors, batch: batch)
  }
}
