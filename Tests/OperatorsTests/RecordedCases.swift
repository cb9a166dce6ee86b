import Foundation
import GraphIR
import Operators
import TensorCore
import Testing

/// What ONNX Runtime computed for one node, as Scripts/peer/operator_cases.py wrote it.
struct RecordedCase: Decodable, Sendable, CustomTestStringConvertible {
  let name: String
  let `operator`: String
  let domain: String
  let opset: Int
  let tolerance: Double
  let inputs: [String]
  let outputs: [String]
  let attributes: [String: RecordedAttribute]
  let fed: [String: RecordedTensor]
  let constants: [String: RecordedTensor]
  let expected: [RecordedTensor]

  var testDescription: String { name }

  func graph() throws -> Graph {
    let node = Node(
      name: name, kind: OperatorKind(`operator`, domain: domain), inputs: inputs, outputs: outputs,
      attributes: try attributes.mapValues { try $0.value() })
    return Graph(
      name: "case",
      inputs: try fed.map { name, tensor in
        let tensor = try tensor.tensor()
        return ValueInfo(
          name: name, dataType: tensor.dataType, dimensions: tensor.shape.dimensions.map { .fixed($0) })
      },
      outputs: outputs.map { ValueInfo(name: $0, dataType: .float32, dimensions: nil) }, nodes: [node],
      initializers: try constants.mapValues { .dense(try $0.tensor()) },
      opsets: [domain: 1].merging(["": opset]) { _, new in new })
  }

  static func load() throws -> [RecordedCase] {
    struct File: Decodable { let cases: [RecordedCase] }
    // Beside the test targets: a package warns of files in them that it does not know.
    let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Recorded/operators.json")
    return try JSONDecoder().decode(File.self, from: Data(contentsOf: url)).cases
  }
}

struct RecordedTensor: Decodable, Sendable {
  let type: String
  let shape: [Int]
  let bytes: Data

  func tensor() throws -> Tensor {
    let type = try #require(DataType(rawValue: type))
    let storage = TensorStorage(byteCount: bytes.count) { bytes.copyBytes(to: $0) }
    return try Tensor(shape: Shape(shape), dataType: type, storage: storage)
  }
}

struct RecordedAttribute: Decodable, Sendable {
  let int: Int?
  let float: Float?
  let string: String?
  let ints: [Int]?
  let floats: [Float]?
  let tensor: RecordedTensor?

  func value() throws -> Attribute {
    if let int { return .int(int) }
    if let float { return .float(float) }
    if let string { return .string(string) }
    if let ints { return .ints(ints) }
    if let floats { return .floats(floats) }
    return .tensor(try #require(tensor).tensor())
  }
}
