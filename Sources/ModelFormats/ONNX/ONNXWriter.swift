import Foundation
import GraphIR
import SwiftProtobuf

/// Writes models as ONNX that other runtimes load.
///
/// - A quantized weight becomes its codes and a `DequantizeLinear` that yields the value under the weight's
///   name. Codes are int8; from operator set 21 on, widths of up to 4 bits are packed as int4.
/// - A weight with a scale per group, or whose codes are floats, becomes a chain of nodes that other runtimes fold as
///   they load: see `CodeForm`.
/// - A float16 or bfloat16 weight among float32 values becomes its data and a `Cast` to float32.
/// - An operator set too old for the `DequantizeLinear` that is needed is raised to 13, operator by operator.
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
  /// - Throws: `FormatError.unwritable`, `.diskFull`, `.notUpgradable` or `.tooLarge`; files that stood
  ///   there stay.
  @discardableResult
  package static func write(_ model: Model, to path: String, limit: Int = byteLimit) throws -> Written {
    if weightBytes(model.graph) <= limit, let bytes = try inlineBytes(model, file: path, limit: limit) {
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
    let bytes = try serialized(proto(model, external: external), model, file: path, limit: limit)
    try file.append(bytes)
    try external.commit()
    try file.commit()
    return Written(files: [path, dataPath], bytes: bytes.count + external.byteCount)
  }

  /// Where a large model's tensors lie.
  package static func dataPath(for path: String) -> String { path + ".data" }

  /// - Parameter file: what to call the result in messages.
  /// - Throws: `FormatError.notUpgradable` or `.tooLarge`.
  package static func bytes(_ model: Model, file: String = "the model") throws -> Data {
    try serialized(proto(model, external: nil), model, file: file, limit: byteLimit)
  }

  /// Nil where it takes more bytes than that.
  private static func inlineBytes(_ model: Model, file: String, limit: Int) throws -> Data? {
    do {
      return try serialized(proto(model, external: nil), model, file: file, limit: limit)
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

  private static func proto(_ model: Model, external: ExternalDataWriter?) throws -> ONNXModelProto {
    let needed = neededOpset(model.graph)
    let graph = model.graph.opset < needed ? try OpsetUpgrade.upgraded(model.graph) : model.graph
    var proto = ONNXModelProto()
    // Version 4 is the first that does not list initializers as inputs too.
    proto.irVersion = Int64(max(model.metadata.irVersion, minimumIRVersion(graph.opset)))
    proto.producerName = model.metadata.producer
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
    proto.metadataProps = model.metadata.properties.sorted { $0.key < $1.key }.map { key, value in
      var entry = ONNXStringStringEntryProto()
      entry.key = key
      entry.value = value
      return entry
    }
    var encoder = GraphEncoder(opset: graph.opset, names: NameTable(graph), external: external)
    proto.graph = try encoder.graph(graph)
    return proto
  }

  /// The operator set in which the nodes that are written or already there exist in the form used.
  private static func neededOpset(_ graph: Graph) -> Int {
    var needed =
      graph.nodes.contains { $0.kind == "QuantizeLinear" || $0.kind == "DequantizeLinear" } ? 10 : 7
    for case .quantized(let weight) in graph.initializers.values {
      needed = max(needed, weight.axis == nil && weight.hasPlainScales ? 10 : 13)
    }
    for node in graph.nodes where node.kind == "QuantizeLinear" || node.kind == "DequantizeLinear" {
      if let scale = node.input(1), let weight = graph.initializers[scale], weight.shape.count > 1 {
        needed = 13
      }
    }
    for node in graph.nodes {
      for body in node.bodies { needed = max(needed, neededOpset(body)) }
    }
    return needed
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
