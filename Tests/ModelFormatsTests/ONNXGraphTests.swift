import Foundation
import GraphIR
import ModelFormats
import TensorCore
import Testing

@Suite("ONNX graphs become graphs")
struct ONNXGraphTests {
  @Test("nodes without a name get a unique one, nodes with one keep it")
  func names() throws {
    let nodes = [
      Proto.node("Relu", ["x"], ["a"]), Proto.node("Relu", ["a"], ["b"], name: "Relu_0"),
      Proto.node("Relu", ["b"], ["c"], name: "same"), Proto.node("Relu", ["c"], ["d"], name: "same"),
      Proto.node("Relu", ["d"], ["y"]),
    ]
    let names = try Proto.read(Proto.model(nodes: nodes)).graph.nodes.map(\.name)
    #expect(names == ["Relu_0_2", "Relu_0", "same", "same_2", "Relu_4"])
  }

  @Test("nodes are put in topological order")
  func order() throws {
    let nodes = [
      Proto.node("Relu", ["a"], ["y"], name: "second"), Proto.node("Relu", ["x"], ["a"], name: "first"),
    ]
    #expect(try Proto.read(Proto.model(nodes: nodes)).graph.nodes.map(\.name) == ["first", "second"])
  }

  @Test("Constant nodes become initializers, whatever attribute holds the value")
  func constants() throws {
    let attributes: [(ONNXAttributeProto, DataType, [Float])] = [
      (Proto.attribute("value", .tensor) { $0.t = Proto.floats("", [2], [1, 2]) }, .float32, [1, 2]),
      (Proto.attribute("value_float", .float) { $0.f = 3 }, .float32, [3]),
      (Proto.attribute("value_floats", .floats) { $0.floats = [3, 4] }, .float32, [3, 4]),
      (Proto.attribute("value_int", .int) { $0.i = 3 }, .int64, [3]),
      (Proto.attribute("value_ints", .ints) { $0.ints = [3, 4] }, .int64, [3, 4]),
      (
        Proto.attribute("sparse_value", .sparseTensor) {
          $0.sparseTensor.dims = [3]
          $0.sparseTensor.values = Proto.floats("", [1], [7])
          $0.sparseTensor.indices = Proto.tensor("", 7, [1]) { $0.int64Data = [2] }
        }, .float32, [0, 0, 7]
      ),
    ]
    for (attribute, type, values) in attributes {
      let nodes = [Proto.node("Constant", [], ["c"], [attribute]), Proto.node("Add", ["x", "c"], ["y"])]
      let graph = try Proto.read(Proto.model(nodes: nodes)).graph
      #expect(graph.nodes.map(\.kind) == ["Add"])
      #expect(graph.initializers["c"]?.dataType == type)
      #expect(graph.initializers["c"]?.tensor.floats == values)
    }
  }

  @Test("constants of text become string initializers")
  func constantString() throws {
    let attribute = Proto.attribute("value_strings", .strings) {
      $0.strings = [Data("a".utf8), Data("bc".utf8)]
    }
    let nodes = [
      Proto.node("Constant", [], ["c"], name: "text", [attribute]), Proto.node("Add", ["x", "c"], ["y"]),
    ]
    let graph = try Proto.read(Proto.model(nodes: nodes)).graph
    #expect(graph.initializers["c"]?.tensor.strings == ["a", "bc"])
  }

  @Test("a nested graph reads values around it and keeps its nodes")
  func nested() throws {
    var body = ONNXGraphProto()
    body.name = "then"
    body.node = [Proto.node("Add", ["a", "w"], ["inner"])]
    body.output = [Proto.value("inner", nil)]
    let nodes = [
      Proto.node("Relu", ["x"], ["a"]),
      Proto.node("If", ["x"], ["y"], [Proto.attribute("then_branch", .graph) { $0.g = body }]),
    ]
    let graph = try Proto.read(Proto.model(nodes: nodes, initializers: [Proto.floats("w", [1], [1])])).graph
    guard case .graph(let read)? = graph.nodes[1].attributes["then_branch"] else {
      Issue.record("no nested graph")
      return
    }
    #expect(read.nodes.map(\.name) == ["Add_0"])
    #expect(graph.initializers["w"] != nil)
  }

  private func dequantize(
    _ codes: ONNXTensorProto, _ scale: ONNXTensorProto, _ zero: ONNXTensorProto?, axis: Int64? = nil
  ) throws -> Graph {
    let inputs = [codes.name, scale.name] + (zero.map { [$0.name] } ?? [])
    let nodes = [
      Proto.node("DequantizeLinear", inputs, ["w"], axis.map { [Proto.int("axis", $0)] } ?? []),
      Proto.node("MatMul", ["x", "w"], ["y"]),
    ]
    return try Proto.read(
      Proto.model(nodes: nodes, initializers: [codes, scale] + (zero.map { [$0] } ?? []), opset: 21)
    )
    .graph
  }

  @Test("int8 codes with a scale per channel become a quantized weight")
  func foldPerChannel() throws {
    let codes = Proto.tensor("codes", 3, [2, 3]) { $0.int32Data = [-128, 0, 127, 1, 2, 3] }
    let graph = try dequantize(codes, Proto.floats("s", [3], [1, 2, 4]), nil, axis: -1)
    guard case .quantized(let weight)? = graph.initializers["w"] else {
      Issue.record("not folded")
      return
    }
    #expect(weight.axis == 1)
    #expect(weight.bits == .int8)
    #expect(weight.dequantized().floats == [-128, 0, 508, 1, 4, 12])
    #expect(graph.initializers.count == 1)
    #expect(graph.nodes.map(\.kind) == ["MatMul"])
  }

  @Test("uint8 codes are shifted with their zero point")
  func foldUnsigned() throws {
    let codes = Proto.tensor("codes", 2, [2]) { $0.int32Data = [0, 255] }
    let zero = Proto.tensor("z", 2, []) { $0.int32Data = [3] }
    let graph = try dequantize(codes, Proto.floats("s", [], [0.5]), zero)
    guard case .quantized(let weight)? = graph.initializers["w"] else {
      Issue.record("not folded")
      return
    }
    #expect(weight.codes == [-128, 127])
    #expect(weight.zeroPoints == [-125])
    #expect(weight.dequantized().floats == [-1.5, 126])
  }

  @Test("int4 and uint4 codes keep their width")
  func foldPacked() throws {
    for (type, expected) in [(Int32(22), [-0.5, 3.5]), (21, [7.5, 3.5])] as [(Int32, [Float])] {
      let codes = Proto.tensor("codes", type, [2]) { $0.rawData = Data([0x7F]) }
      let graph = try dequantize(codes, Proto.floats("s", [], [0.5]), nil)
      guard case .quantized(let weight)? = graph.initializers["w"] else {
        Issue.record("not folded")
        return
      }
      #expect(weight.bits == .int4)
      #expect(weight.dequantized().floats == expected)
    }
  }

  @Test("codes that a quantized weight cannot hold stay a node")
  func notFolded() throws {
    let wide = Proto.tensor("codes", 6, [2]) { $0.int32Data = [1000, -1000] }
    #expect(try dequantize(wide, Proto.floats("s", [], [0.5]), nil).nodes.count == 2)
    let codes = Proto.tensor("codes", 3, [2]) { $0.int32Data = [1, 2] }
    #expect(try dequantize(codes, Proto.floats("s", [3], [1, 1, 1]), nil, axis: 0).nodes.count == 2)
    let zero = Proto.tensor("z", 2, []) { $0.int32Data = [3] }
    #expect(try dequantize(codes, Proto.floats("s", [], [1]), zero).nodes.count == 2)
  }

  @Test("metadata and producer are read")
  func metadata() throws {
    let model = try Proto.read(
      Proto.model {
        $0.producerName = "torch"
        $0.producerVersion = "2.1"
        var entry = ONNXStringStringEntryProto()
        entry.key = "k"
        entry.value = "v"
        $0.metadataProps = [entry]
      })
    #expect(
      model.metadata
        == Model.Metadata(
          fileName: "test.onnx", producer: "torch", producerVersion: "2.1", irVersion: 8,
          properties: ["k": "v"]))
  }

  @Test("a dimension may be fixed, named, unknown, \"?\" or -1")
  func dimensions() throws {
    let model = try Proto.read(
      Proto.model { proto in
        var info = Proto.value("x", [2, -1, 1, 1, 1])
        info.type.tensorType.shape.dim[2] = ONNXTensorShapeProto.Dimension()
        info.type.tensorType.shape.dim[3].dimParam = "T"
        info.type.tensorType.shape.dim[4].dimParam = "?"
        proto.graph.input = [info]
      })
    #expect(
      model.graph.inputs[0].dimensions
        == [.fixed(2), .symbolic(""), .symbolic(""), .symbolic("T"), .symbolic("")])
  }
}
