import Foundation
import GraphIR
import ModelFormats
import TensorCore
import Testing

@Suite("Values beside a model, and types that are no tensors")
struct ONNXValueTests {
  private let list = ValueInfo(name: "x", dataType: .float32, dimensions: nil, wrapping: [.sequence])

  @Test("sequences and optionals in files")
  func values() throws {
    var sequence = ONNXSequenceProto()
    sequence.elemType = 1
    sequence.tensorValues = [Proto.floats("", [2], [1, 2]), Proto.floats("", [], [3])]
    let bytes: Data = try sequence.serializedBytes()
    guard case .sequence(let members) = try ValueFile.read(bytes: bytes, as: list, file: "t.pb") else {
      Issue.record("no sequence was read")
      return
    }
    #expect(members.compactMap { $0.tensor?.floats } == [[1, 2], [3]])

    let maybe = ValueInfo(name: "x", dataType: .float32, dimensions: nil, wrapping: [.optional])
    let nothing: Data = try ONNXOptionalProto().serializedBytes()
    guard case .optional(nil) = try ValueFile.read(bytes: nothing, as: maybe, file: "t.pb") else {
      Issue.record("something was read from nothing")
      return
    }
    #expect(formatError { _ = try ValueFile.read(bytes: Data("text".utf8), as: list, file: "t.pb") } != nil)
  }

  @Test("types of sequences and optionals survive reading and writing")
  func types() throws {
    var proto = Proto.model()
    let element = proto.graph.input[0].type
    var optional = ONNXTypeProto()
    optional.optionalType.elemType.sequenceType.elemType = element
    proto.graph.input.append(
      ONNXValueInfoProto.with {
        $0.name = "s"; $0.type = optional
      })
    let attribute = Proto.attribute("type", .typeProto) { $0.tp = optional }
    proto.graph.node.append(Proto.node("Optional", [], ["o"], [attribute]))
    let model = try Proto.read(proto)
    let again = try ONNXReader.read(bytes: ONNXWriter.bytes(model), file: "test.onnx")
    for graph in [model.graph, again.graph] {
      #expect(graph.inputs[1].wrapping == [.optional, .sequence])
      #expect(graph.inputs[1].dimensions == [.fixed(1), .fixed(4)])
      guard case .type(let type)? = graph.nodes[1].attributes["type"] else {
        Issue.record("the type is gone")
        return
      }
      #expect(type.wrapping == [.optional, .sequence])
    }
  }

  @Test("files of operator set 6: broadcasting by attributes becomes that of 7")
  func legacy() throws {
    var proto = Proto.model(
      nodes: [
        Proto.node("Add", ["x", "b"], ["y"], name: "add", [Proto.int("broadcast", 1), Proto.int("axis", 1)])
      ],
      initializers: [Proto.floats("b", [3], [1, 2, 3])], opset: 6)
    proto.graph.input = [Proto.value("x", [1, 3, 2, 2])]
    let graph = try Proto.read(proto).graph
    #expect(graph.opset == 7)
    #expect(graph.nodes[0].attributes.isEmpty)
    #expect(graph.initializers[graph.nodes[0].inputs[1]]?.shape == [3, 1, 1])
  }
}
