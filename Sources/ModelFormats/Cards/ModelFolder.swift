import Foundation

/// A model with what lies beside it: its card, calibration and evaluation data.
package struct ModelFolder: Sendable, Hashable {
  package let model: String
  package let card: ModelCard?
  /// Nil where neither the card names a file nor one of the usual name is there.
  package let calibration: String?
  package let evaluation: String?

  /// - Parameter path: a model's file, or a folder that holds model.onnx or a single .onnx file.
  /// - Throws: `FormatError.fileNotFound`, `.noModel`, or what reading the card throws.
  package static func resolve(_ path: String) throws -> ModelFolder {
    guard let status = PathBytes.status(path) else { throw FormatError.fileNotFound(file: path) }
    let isFolder = status.st_mode & S_IFMT == S_IFDIR
    let folder = isFolder ? path : parent(of: path)
    let model = isFolder ? try modelFile(in: path) : path

    let cardPath = join(folder, "card.toml")
    let card = PathBytes.exists(cardPath) ? try ModelCard.read(path: cardPath) : nil
    /// A file that a card names is returned even where it is missing, so that reading it says so.
    func data(_ named: String?, usual: String) -> String? {
      if let named { return join(folder, named) }
      let path = join(folder, usual)
      return PathBytes.exists(path) ? path : nil
    }
    return ModelFolder(
      model: model, card: card,
      calibration: data(card?.data.calibration, usual: "calibration.npz"),
      evaluation: data(card?.data.evaluation, usual: "evaluation.npz"))
  }

  private static func modelFile(in folder: String) throws -> String {
    let usual = join(folder, "model.onnx")
    if PathBytes.exists(usual) { return usual }
    guard let names = PathBytes.names(in: folder) else {
      throw FormatError.unreadable(file: folder, reason: "its files cannot be listed; check who owns it")
    }
    let models = names.filter { $0.hasSuffix(".onnx") }.sorted()
    guard models.count == 1 else { throw FormatError.noModel(folder: folder, found: models) }
    return join(folder, models[0])
  }

  private static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  private static func join(_ folder: String, _ name: String) -> String {
    if name.hasPrefix("/") { return name }
    if folder == "." { return name }
    return folder.hasSuffix("/") ? folder + name : folder + "/" + name
  }
}
