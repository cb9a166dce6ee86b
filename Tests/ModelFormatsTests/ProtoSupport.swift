import Foundation
import GraphIR
import ModelFormats
import SwiftProtobuf
import TensorCore

/// Builders for stored models, small enough to be read in a test.
enum Proto {
  static func tensor(
    _ name: String, _ type: Int32, _ dims: [Int64], _ fill: (inout ONNXTensorProto) -> Void = { _ in }
  ) -> ONNXTensorProto {
    var proto = ONNXTensorProto()
    proto.name = name
    proto.dataType = type
    proto.dims = dims
    fill(&proto)
    return proto
  }

  static func floats(_ name: String, _ dims: [Int64], _ values: [Float]) -> ONNXTensorProto {
    tensor(name, 1, dims) { $0.floatData = values }
  }

  static func value(_ name: String, _ dims: [Int64]?, type: Int32 = 1) -> ONNXValueInfoProto {
    var proto = ONNXValueInfoProto()
    proto.name = name
    proto.type.tensorType.elemType = type
    if let dims {
      proto.type.tensorType.shape.dim = dims.map { size in
        var dimension = ONNXTensorShapeProto.Dimension()
        dimension.dimValue = size
        return dimension
      }
    }
    return proto
  }

  static func node(
    _ type: String, _ inputs: [String], _ outputs: [String], name: String = "",
    _ attributes: [ONNXAttributeProto] = []
  ) -> ONNXNodeProto {
    var proto = ONNXNodeProto()
    proto.opType = type
    proto.input = inputs
    proto.output = outputs
    proto.name = name
    proto.attribute = attributes
    return proto
  }

  static func int(_ name: String, _ value: Int64) -> ONNXAttributeProto {
    var proto = ONNXAttributeProto()
    proto.name = name
    proto.type = .int
    proto.i = value
    return proto
  }

  static func attribute(
    _ name: String, _ type: ONNXAttributeProto.AttributeType, _ fill: (inout ONNXAttributeProto) -> Void
  ) -> ONNXAttributeProto {
    var proto = ONNXAttributeProto()
    proto.name = name
    proto.type = type
    fill(&proto)
    return proto
  }

  /// x [1, 4] -> y through the nodes, with the initializers.
  static func model(
    nodes: [ONNXNodeProto] = [node("Relu", ["x"], ["y"], name: "relu")],
    initializers: [ONNXTensorProto] = [], opset: Int64 = 13,
    _ change: (inout ONNXModelProto) -> Void = { _ in }
  ) -> ONNXModelProto {
    var proto = ONNXModelProto()
    proto.irVersion = 8
    proto.graph.name = "g"
    proto.graph.node = nodes
    proto.graph.initializer = initializers
    proto.graph.input = [value("x", [1, 4])]
    proto.graph.output = [value("y", [1, 4])]
    var entry = ONNXOperatorSetIdProto()
    entry.version = opset
    proto.opsetImport = [entry]
    change(&proto)
    return proto
  }

  static func read(_ proto: ONNXModelProto, folder: String? = nil) throws -> Model {
    try ONNXReader.read(bytes: proto.serializedBytes(), file: "test.onnx", folder: folder)
  }

  /// The one initializer "w" of a model, as it is read.
  static func readTensor(_ stored: ONNXTensorProto, folder: String? = nil) throws -> Tensor {
    let model = try read(model(initializers: [stored]), folder: folder)
    guard case .dense(let tensor)? = model.graph.initializers["w"] else {
      throw CocoaError(.coderValueNotFound)
    }
    return tensor
  }
}

/// The error that `body` throws, as a format error.
func formatError(_ body: () throws -> Void) -> FormatError? {
  do {
    try body()
    return nil
  } catch {
    return error as? FormatError
  }
}

/// A folder that is gone when the test is done.
final class TemporaryFolder {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.path + "/paretop-formats-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ name: String, _ bytes: Data) throws -> String {
    let file = path + "/" + name
    try bytes.write(to: URL(fileURLWithPath: file))
    return file
  }
}
