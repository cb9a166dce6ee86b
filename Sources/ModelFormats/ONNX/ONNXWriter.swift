import Foundation
import GraphIR
import SwiftProtobuf

/// Writes models as ONNX that other runtimes load, in two stages: a model to what stands in the file (`StoredModel`), and
/// that to bytes.
///
/// - A model of more than 2 GiB keeps its tensors in a second file.
/// - `ONNXReader` reads all of it back as the same model.
package enum ONNXWriter {
  /// What was written.
  package struct Written: Sendable, Hashable {
    /// The model's file, and that of its external data where there is one.
    package let files: [String]
    /// Bytes of all files.
    package let bytes: Int
  }

  /// Protocol buffers end at 2 GiB.
  package static let byteLimit = Int(Int32.max)

  /// Writes one file, or two where the model is larger than `limit`: its tensors then lie in `dataPath(for:)`.
  /// - Parameter opset: as `StoredModel` takes it.
  /// - Throws: `FormatError.unwritable`, `.diskFull`, `.notUpgradable` or `.tooLarge`; files that stood
  ///   there stay.
  @discardableResult
  package static func write(
    _ model: Model, to path: String, opset: Int? = nil, limit: Int = byteLimit
  ) throws -> Written {
    try write(StoredModel(model, opset: opset), to: path, limit: limit)
  }

  /// - Throws: as `write(_:to:opset:limit:)` of a model.
  package static func write(
    _ stored: StoredModel, to path: String, limit: Int = byteLimit
  ) throws -> Written {
    let model = stored.model
    if weightBytes(model.graph) <= limit, let bytes = try inlineBytes(stored, file: path, limit: limit) {
      try AtomicFile.write(bytes, to: path)
      return Written(files: [path], bytes: bytes.count)
    }
    guard try AtomicFile.isReplaceable(path) else {
      throw FormatError.tooLarge(
        file: path, part: "the model", bytes: weightBytes(model.graph), limit: limit,
        wayOut: "write it to a regular file, which can have a second one beside it")
    }
    let dataPath = dataPath(for: path)
    let external = try ExternalDataWriter(path: dataPath)
    let file = try PartFile(path)
    let bytes = try serialized(proto(stored, external: external), model, file: path, limit: limit)
    try file.append(bytes)
    try external.commit()
    try file.commit()
    return Written(files: [path, dataPath], bytes: bytes.count + external.byteCount)
  }

  /// Where a large model's tensors lie.
  package static func dataPath(for path: String) -> String { path + ".data" }

  /// - Parameters:
  ///   - opset, format: as `StoredModel` takes them.
  ///   - file: what to call the result in messages.
  /// - Throws: `FormatError.notUpgradable` or `.tooLarge`.
  package static func bytes(
    _ model: Model, opset: Int? = nil, format: ExportFormat = .standard, file: String = "the model"
  ) throws -> Data {
    let stored = try StoredModel(model, opset: opset, format: format)
    return try serialized(proto(stored, external: nil), model, file: file, limit: byteLimit)
  }

  /// Bytes of the files that `write` would write, without the gaps between tensors of a second one.
  package static func byteCount(_ stored: StoredModel) throws -> Int {
    let bytes = weightBytes(stored.model.graph)
    guard bytes <= byteLimit else { return bytes }
    let data: Data = try proto(stored, external: nil).serializedBytes()
    return data.count
  }

  /// Nil where it takes more bytes than that.
  private static func inlineBytes(_ stored: StoredModel, file: String, limit: Int) throws -> Data? {
    do {
      return try serialized(proto(stored, external: nil), stored.model, file: file, limit: limit)
    } catch FormatError.tooLarge {
      return nil
    }
  }

  private static func serialized(
    _ proto: ONNXModelProto, _ model: Model, file: String, limit: Int
  ) throws -> Data {
    let bytes: Data? = try? proto.serializedBytes()
    guard let bytes, bytes.count <= limit else {
      throw FormatError.tooLarge(
        file: file, part: "the model", bytes: bytes?.count ?? weightBytes(model.graph), limit: limit,
        wayOut: "compress it further before writing")
    }
    return bytes
  }

  /// About what a graph's weights take.
  private static func weightBytes(_ graph: Graph) -> Int {
    graph.initializers.values.reduce(0) { sum, weight in
      switch weight {
      case .dense(let tensor): sum + tensor.byteCount
      case .quantized(let tensor): sum + tensor.codes.count
      }
    }
  }

  private static func proto(
    _ stored: StoredModel, external: ExternalDataWriter?
  ) throws -> ONNXModelProto {
    let (graph, metadata) = (stored.model.graph, stored.model.metadata)
    var proto = ONNXModelProto()
    // Version 4 is the first that does not list initializers as inputs too.
    proto.irVersion = Int64(max(metadata.irVersion, minimumIRVersion(graph.opset)))
    proto.producerName = metadata.producer
    proto.producerVersion = metadata.producerVersion
    proto.modelVersion = Int64(metadata.modelVersion)
    proto.domain = metadata.domain
    proto.docString = metadata.documentation
    proto.opsetImport = graph.opsets.sorted { $0.key < $1.key }.map { domain, version in
      var entry = ONNXOperatorSetIdProto()
      entry.domain = domain
      entry.version = Int64(version)
      return entry
    }
    if graph.opsets[""] == nil {
      var entry = ONNXOperatorSetIdProto()
      entry.version = Int64(graph.opset)
      proto.opsetImport.append(entry)
    }
    proto.metadataProps = metadata.properties.sorted { $0.key < $1.key }.map { key, value in
      var entry = ONNXStringStringEntryProto()
      entry.key = key
      entry.value = value
      return entry
    }
    let encoder = GraphEncoder(
      notes: stored.notes, documentation: metadata.valueDocumentation,
      // A second file holds tensors only.
      hasSparse: stored.format.hasSparse && external == nil, external: external)
    proto.graph = try encoder.graph(graph)
    if !metadata.graphDocumentation.isEmpty { proto.graph.docString = metadata.graphDocumentation }
    return proto
  }

  /// The file format's version that came with each operator set (docs/Versioning.md of the specification).
  private static func minimumIRVersion(_ opset: Int) -> Int {
    switch opset {
    case ...8: 4
    case 9: 4
    case 10: 5
    case 11: 6
    case 12...14: 7
    case 15...18: 8
    case 19...20: 9
    case 21...22: 10
    default: 11
    }
  }
}
