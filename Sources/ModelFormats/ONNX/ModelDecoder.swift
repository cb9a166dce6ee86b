import Foundation
import GraphIR
import TensorCore

/// The second stage of reading: the stored value to a `Model`.
struct ModelDecoder {
  let file: String
  let folder: String?

  func model(_ proto: ONNXModelProto) throws -> Model {
    guard proto.hasGraph else { throw FormatError.noGraph(file: file) }
    let opsets = try opsets(proto)
    let decoder = GraphDecoder(file: file, folder: folder, opsets: opsets)
    let graph = try decoder.graph(proto.graph, outer: [])
    guard !graph.nodes.isEmpty || !graph.outputs.isEmpty else { throw FormatError.noGraph(file: file) }

    var properties: [String: String] = [:]
    for entry in proto.metadataProps { properties[entry.key] = entry.value }
    let version = proto.producerVersion.isEmpty ? "" : " " + proto.producerVersion
    return Model(
      graph: graph,
      metadata: Model.Metadata(
        fileName: URL(fileURLWithPath: file).lastPathComponent,
        producer: proto.producerName + version,
        irVersion: Int(proto.irVersion),
        properties: properties))
  }

  private func opsets(_ proto: ONNXModelProto) throws -> [String: Int] {
    var opsets: [String: Int] = [:]
    for entry in proto.opsetImport {
      let domain = entry.domain == "ai.onnx" ? "" : entry.domain
      guard opsets.updateValue(Int(entry.version), forKey: domain) == nil else {
        throw FormatError.duplicateName(file: file, what: "operator sets", name: entry.domain)
      }
    }
    guard let version = opsets[""] else {
      throw FormatError.truncated(file: file, part: "the model, before its operator set's version")
    }
    guard ONNXReader.supportedOpsets.contains(version) else {
      throw FormatError.unsupportedOpset(file: file, found: version, supported: ONNXReader.supportedOpsets)
    }
    return opsets
  }
}
