import Compression
import Evaluation
import Foundation
import GraphIR
import ModelFormats
import Recipes

/// Writes a compressed model as ONNX, and the recipe that made it beside it.
package enum Exporter {
  package struct Result: Sendable, Hashable {
    package let modelPath: String
    package let recipePath: String
    /// Bytes of the model's file, and of that of its weights where it is too large for one.
    package let bytes: Int
    /// The same after deflate at level 6, as a zip or a download with compression would hold it.
    package let deflatedBytes: Int
  }

  /// - Parameters:
  ///   - path: where the model goes; the recipe goes to the same place with `.recipe.toml` for `.onnx`.
  ///   - replacing: whether files that stand there may be replaced.
  /// - Throws: `SessionError.fileExists`, or `FormatError` where a file cannot be written; each file is whole
  ///   or absent, and a new model is absent where its recipe is.
  package static func write(
    _ draft: ExportDraft, to path: String, replacing: Bool = false
  ) throws -> Result {
    let recipePath = recipePath(for: path)
    if !replacing,
      let taken = [path, ONNXWriter.dataPath(for: path), recipePath].first(
        where: PathBytes.exists)
    {
      throw SessionError.fileExists(path: taken)
    }
    let isNew = !PathBytes.exists(path)
    let written = try ONNXWriter.write(draft.stored, to: path)
    do {
      try AtomicFile.write(Data(RecipeFile.write(draft.recipe).utf8), to: recipePath)
    } catch {
      // A model without its recipe is no export.
      if isNew { for file in written.files { PathBytes.remove(file) } }
      throw error
    }
    return Result(
      modelPath: path, recipePath: recipePath, bytes: written.bytes,
      deflatedBytes: try Deflate.byteCount(of: written.files.map(PathBytes.reader)))
  }

  /// A path in `folder` where neither a model nor a recipe stands, such as "lenet-P50-W4A8.onnx" or "lenet-P50-2.onnx".
  package static func freePath(in folder: String, name: String, recipe: Recipe) -> String {
    let summary = recipe.summary.map { $0.isLetter || $0.isNumber || $0 == "." || $0 == "+" ? $0 : "-" }
    let safeName = name.map { $0 == "/" || $0 == "\0" ? "-" : $0 }
    let stem = (folder.isEmpty ? "." : folder) + "/" + String(safeName) + "-" + String(summary)
    var path = stem + ".onnx"
    var number = 2
    while [path, ONNXWriter.dataPath(for: path), recipePath(for: path)].contains(
      where: PathBytes.exists)
    {
      path = "\(stem)-\(number).onnx"
      number += 1
    }
    return path
  }

  package static func recipePath(for path: String) -> String {
    (path.hasSuffix(".onnx") ? String(path.dropLast(5)) : path) + ".recipe.toml"
  }
}
