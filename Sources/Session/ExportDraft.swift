import Compression
import GraphIR
import ModelFormats
import Operators
import Recipes

/// A compressed model made ready to be written: what will stand in the file, checked, and exactly how large it is.
package struct ExportDraft: Sendable {
  package let stored: StoredModel
  package let recipe: Recipe
  /// Bytes that the file will have.
  package let bytes: Int
  /// Bytes of the weights as the screen counts them: packed codes, and masks where most weights are zeros.
  package let storedBytes: Int
  /// Bytes of the file that the model was read from; nil where it is not known.
  package let originalBytes: Int?

  /// - Parameters:
  ///   - inputs: what the model's inputs are written as; nil for what they were compressed with.
  ///   - opset: the operator set to write in; nil for the model's own, or what its weights need.
  ///   - format: who should read the file.
  ///   - originalBytes: of the file that the model was read from.
  /// - Throws: `SessionError.invalidExport` naming the node where what would be written is no valid model, and
  ///   `FormatError` where the operator set cannot be had.
  package init(
    _ compressed: CompressedModel, inputs: [ValueInfo]? = nil, opset: Int? = nil,
    format: ExportFormat = .standard, originalBytes: Int? = nil
  ) throws {
    var model = compressed.model
    let open = inputs ?? model.graph.inputs
    model.graph.inputs = open
    var stored = try StoredModel(model, opset: opset, format: format)
    do {
      stored = try ExportCheck(open: open, bound: compressed.model.graph.inputs).checked(stored)
    } catch let error as GraphFault {
      throw SessionError.invalidExport(reason: "\(error)")
    } catch let error as GraphError {
      throw SessionError.invalidExport(reason: "\(error)")
    } catch let error as OperatorError {
      throw SessionError.invalidExport(reason: "\(error)")
    }
    self.stored = stored
    recipe = compressed.recipe
    bytes = try ONNXWriter.byteCount(stored)
    storedBytes = compressed.size.bytes
    self.originalBytes = originalBytes
  }
}
