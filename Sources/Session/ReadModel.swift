import Foundation
import GraphIR
import ModelFormats
import Rewriting

/// A model that has been read, and what lies beside it, which has not: enough for a first screen.
package struct ReadModel: Sendable {
  package let folder: ModelFolder
  package let model: Model
  /// The inputs with all that the file leaves open.
  package let openInputs: [ValueInfo]
  /// Where the inputs have their samples.
  package let axes: SampleAxes

  /// Reads the model and brings its layers to the forms that compression knows.
  /// - Parameters:
  ///   - dimensions: numbers for dimensions that the inputs leave open, by name.
  ///   - batchAxes: where inputs have their samples, as far as that is not to be found.
  /// - Throws: `FormatError`, `SessionError` or `GraphError`, each a sentence with the way out.
  package init(
    path: String, dimensions: [String: Int] = [:], batchAxes: SampleAxes.Request? = nil
  ) throws {
    folder = try ModelFolder.resolve(path)
    var model = try ONNXReader.read(path: folder.model)
    let broken = WeightCheck.nonFinite(in: model.graph)
    guard broken.isEmpty else { throw SessionError.nonFiniteWeights(file: folder.model, names: broken) }
    model.graph = try LayerForms.normalized(model.graph)
    openInputs = model.graph.inputs
    axes = try SampleAxes(model.graph, request: batchAxes)
    model.graph.inputs = try OpenDimensions(model.graph, axes: axes).bound(dimensions)
    self.model = model
  }

  /// What a request asks to open.
  /// - Throws: as `init(path:dimensions:batchAxes:)`.
  package init(_ request: OpenRequest) throws {
    try self.init(path: request.path, dimensions: request.dimensions, batchAxes: request.batchAxes)
  }

  package var name: String { ReadModel.name(card: folder.card, path: folder.model) }

  /// The card's name, else the file's or its folder's without the ending.
  static func name(card: ModelCard?, path: String) -> String {
    if let name = card?.name, !name.isEmpty { return name }
    let file = URL(fileURLWithPath: path)
    let stem = file.deletingPathExtension().lastPathComponent
    let parent = file.deletingLastPathComponent().lastPathComponent
    return stem == "model" && parent != "/" ? parent : stem
  }
}
