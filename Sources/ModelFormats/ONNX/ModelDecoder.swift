import Foundation
import GraphIR
import TensorCore

/// The second stage of reading: the stored value to a `Model`.
struct ModelDecoder {
  let file: String
  let folder: String?

  /// - Parameter size: of the file in bytes, which bounds what is made of it.
  func model(_ stored: ONNXModelProto, size: Int) throws -> Model {
    guard stored.hasGraph else { throw FormatError.noGraph(file: file) }
    var inliner = try FunctionInliner(stored, file: file, size: size)
    let proto = try inliner.inlined(stored)
    let opsets = try opsets(proto)
    let decoder = GraphDecoder(file: file, folder: folder, opsets: opsets, size: size)
    var graph = try decoder.graph(proto.graph, outer: [])
    if graph.opset < LegacyOpset.target { graph = try LegacyOpset.upgraded(graph) }
    guard !graph.nodes.isEmpty || !graph.outputs.isEmpty else { throw FormatError.noGraph(file: file) }

    return Model(graph: graph, metadata: metadata(proto))
  }

  private func metadata(_ proto: ONNXModelProto) -> Model.Metadata {
    var properties: [String: String] = [:]
    for entry in proto.metadataProps { properties[entry.key] = entry.value }
    var metadata = Model.Metadata(
      fileName: URL(fileURLWithPath: file).lastPathComponent, producer: proto.producerName,
      producerVersion: proto.producerVersion, irVersion: Int(proto.irVersion), properties: properties)
    metadata.modelVersion = Int(proto.modelVersion)
    metadata.domain = proto.domain
    metadata.documentation = proto.docString
    metadata.graphDocumentation = proto.graph.docString
    for value in proto.graph.input + proto.graph.output where !value.docString.isEmpty {
      metadata.valueDocumentation[value.name] = value.docString
    }
    return metadata
  }

  private func opsets(_ proto: ONNXModelProto) throws -> [String: Int] {
    var opsets: [String: Int] = [:]
    for entry in proto.opsetImport {
      let domain = OperatorDomain.normalized(entry.domain)
      // scikit-learn's exporter says the same twice.
      let earlier = opsets.updateValue(Int(entry.version), forKey: domain)
      guard earlier == nil || earlier == Int(entry.version) else {
        throw FormatError.duplicateName(file: file, what: "operator sets", name: entry.domain)
      }
    }
    guard let version = opsets[""] ?? (opsets.isEmpty ? nil : ONNXReader.supportedOpsets.upperBound) else {
      throw FormatError.truncated(file: file, part: "the model, before its operator set's version")
    }
    guard ONNXReader.supportedOpsets.contains(version) else {
      throw FormatError.unsupportedOpset(file: file, found: version, supported: ONNXReader.supportedOpsets)
    }
    return opsets
  }
}
