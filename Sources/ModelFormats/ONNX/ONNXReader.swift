import Foundation
import GraphIR
import SwiftProtobuf

/// Reads ONNX models (https://github.com/onnx/onnx/blob/main/docs/IR.md), operator sets 1 to 28, in two
/// stages: bytes to the file format's own value, and that value to a `Model`.
///
/// - Initializers may be raw, typed, packed 4-bit, sparse or in external files inside the model's folder.
/// - Graphs of operator sets before 7 are brought to 7; later ones stay, since operators know their versions.
/// - Model-local functions are inlined.
/// - `Constant` nodes become initializers; a constant's `DequantizeLinear` becomes a quantized weight.
/// - Every node has a unique name, and nodes stand in topological order.
/// - Non-finite weights are kept; see `WeightCheck`.
package enum ONNXReader {
  package static let supportedOpsets = 1...28

  /// - Throws: `FormatError` with the file's path.
  package static func read(path: String) throws -> Model {
    let file = try RegularFile(path)
    guard file.size <= byteLimit else { throw tooLarge(path, file.size) }
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    return try read(bytes: file.contents(), file: path, folder: folder)
  }

  /// - Parameters:
  ///   - file: what to call the model in messages; its last path component is the model's file name.
  ///   - folder: where external data lies; nil refuses external data.
  package static func read(bytes: Data, file: String, folder: String? = nil) throws -> Model {
    let proto = try parse(bytes, file: file)
    return try ModelDecoder(file: file, folder: folder).model(proto, size: bytes.count)
  }

  /// The first stage: the file's content as it is stored.
  static func parse(_ bytes: Data, file: String) throws -> ONNXModelProto {
    guard !bytes.isEmpty else { throw FormatError.emptyFile(file: file) }
    guard bytes.count <= byteLimit else { throw tooLarge(file, bytes.count) }
    var options = BinaryDecodingOptions()
    options.discardUnknownFields = true
    options.messageDepthLimit = depthLimit
    do {
      return try ONNXModelProto(serializedBytes: bytes, options: options)
    } catch BinaryDecodingError.truncated {
      // Any text or picture also runs off its end when read as protobuf.
      throw looksLikeModel(bytes)
        ? FormatError.truncated(file: file, part: "the model")
        : FormatError.notONNX(file: file, reason: "its content is not a protocol buffer")
    } catch BinaryDecodingError.messageDepthLimit {
      throw FormatError.nestedTooDeep(file: file)
    } catch BinaryDecodingError.invalidUTF8 {
      throw FormatError.notONNX(file: file, reason: "a name in it is not UTF-8")
    } catch {
      throw FormatError.notONNX(file: file, reason: "its content is not a protocol buffer of a model")
    }
  }

  /// Whether the first field is one that exporters write first: the format's version or the producer's name.
  private static func looksLikeModel(_ bytes: Data) -> Bool {
    guard let first = bytes.first else { return false }
    return first == 0x08 || first == 0x12
  }

  /// Protocol buffers end at 2 GiB.
  private static let byteLimit = Int(Int32.max)

  /// A graph inside a graph takes three messages; real models nest two or three graphs.
  private static let depthLimit = 64

  private static func tooLarge(_ file: String, _ size: Int) -> FormatError {
    .tooLarge(
      file: file, part: "the model", bytes: size, limit: byteLimit,
      wayOut: "save its weights as external data")
  }
}
