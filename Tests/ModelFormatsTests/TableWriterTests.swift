import Foundation
import GraphIR
import ModelFormats
import TensorCore
import Testing

@Suite("Tables as they are written")
struct TableWriterTests {
  /// ids [2, 3] look rows up in `table`; a product with its transpose follows where it is tied.
  private func model(_ table: Weight, opset: Int, isTied: Bool = false) -> Model {
    var nodes = [Node(name: "embed", kind: "Gather", inputs: ["table", "ids"], outputs: ["rows"])]
    if isTied {
      nodes.append(Node(name: "turn", kind: "Transpose", inputs: ["table"], outputs: ["turned"]))
      nodes.append(Node(name: "head", kind: "MatMul", inputs: ["rows", "turned"], outputs: ["y"]))
    }
    nodes[0].attributes = ["axis": .int(0)]
    nodes[0].metadata = ["namespace": ": Net/wte: Embedding"]
    return Model(
      graph: Graph(
        name: "g", inputs: [ValueInfo(name: "ids", dataType: .int64, dimensions: [.fixed(2), .fixed(3)])],
        outputs: [
          ValueInfo(
            name: isTied ? "y" : "rows", dataType: .float32,
            dimensions: [.fixed(2), .fixed(3), .fixed(isTied ? table.shape[0] : table.shape[1])])
        ],
        nodes: nodes, initializers: ["table": table], opsets: ["": opset]),
      metadata: Model.Metadata(fileName: "test.onnx", irVersion: 10))
  }

  private func codes(
    _ bits: WeightBits, _ format: CodeFormat = .integer, width: Int = 6, group: Int? = nil, axis: Int? = 0,
    isAsymmetric: Bool = false
  ) throws -> Weight {
    let range = bits.codeRange
    let finite = range.filter { format == .integer || format.levels[$0 - range.lowerBound].isFinite }
    let groups = group.map { (width + $0 - 1) / $0 } ?? 1
    let scales = axis == nil ? 1 : 5 * groups
    return .quantized(
      try QuantizedTensor(
        shape: Shape([5, width]), bits: bits, axis: axis, groupSize: group, format: format,
        scales: (0..<scales).map { Float($0 + 1) / 4 },
        zeroPoints: isAsymmetric ? (0..<scales).map { Int32(range.lowerBound + $0 % range.count) } : [],
        codes: (0..<5 * width).map { Int8(finite[$0 * 5 % finite.count]) }))
  }

  private func expectSame(_ model: Model, opset: Int) throws {
    let bytes = try ONNXWriter.bytes(model, opset: opset)
    #expect(difference(model, try ONNXReader.read(bytes: bytes, file: "test.onnx")) == nil)
  }

  @Test("codes of every width come back as one table", arguments: WeightBits.allCases, [13, 21])
  func widths(bits: WeightBits, opset: Int) throws {
    for width in [6, 7] {
      for isAsymmetric in [false, true] {
        for group in [nil, 4] as [Int?] {
          try expectSame(
            model(codes(bits, width: width, group: group, isAsymmetric: isAsymmetric), opset: opset),
            opset: opset)
        }
        try expectSame(model(codes(bits, axis: nil, isAsymmetric: isAsymmetric), opset: opset), opset: opset)
      }
    }
  }

  @Test("float codes and halves, too", arguments: [13, 21])
  func floatCodes(opset: Int) throws {
    for format in CodeFormat.allCases {
      guard let bits = format.bits else { continue }
      try expectSame(model(codes(bits, format), opset: opset), opset: opset)
      try expectSame(model(codes(bits, format, width: 7, group: 4), opset: opset), opset: opset)
    }
    let half = try Tensor(shape: [5, 2], (0..<10).map { Float16($0) })
    try expectSame(model(.dense(half), opset: opset), opset: opset)
  }

  @Test("rows are looked up before values are made of them, in half the bytes at 4 bits")
  func order() throws {
    func stored(_ bits: WeightBits) throws -> Graph {
      try StoredModel(model(codes(bits, width: 64), opset: 13), opset: 13).model.graph
    }
    let (eight, four) = (try stored(.int8), try stored(.int4))
    #expect(
      eight.nodes.map(\.kind.type) == [
        "Reshape", "Gather", "Gather", "Reshape", "DequantizeLinear", "Shape", "Concat", "Reshape",
      ])
    #expect(eight.initializers["table_codes"]?.tensor.byteCount == 5 * 64)
    #expect(four.initializers["table_codes"]?.tensor.byteCount == 5 * 32)
    #expect(!four.nodes.contains { $0.kind == "DequantizeLinear" })
    #expect(eight.nodes.allSatisfy { $0.metadata["namespace"] != nil })
  }

  @Test("a table that a product reads too is stored once", arguments: WeightBits.allCases, [13, 21])
  func tied(bits: WeightBits, opset: Int) throws {
    let tied = try model(codes(bits), opset: opset, isTied: true)
    try expectSame(tied, opset: opset)
    let graph = try StoredModel(tied, opset: opset).model.graph
    #expect(graph.initializers.count { $0.value.shape.count == 30 } == 1)
  }

  @Test("ONNX Runtime looks codes up by an operator of its own")
  func runtime() throws {
    func nodes(_ table: Weight) throws -> [String] {
      try StoredModel(model(table, opset: 17), format: .onnxRuntime).model.graph.nodes.map(\.kind.type)
    }
    #expect(try nodes(codes(.int4, width: 64, group: 16)) == ["GatherBlockQuantized"])
    #expect(try nodes(codes(.int8, isAsymmetric: true)) == ["GatherBlockQuantized"])
    // Pairs of codes need rows of even length, and blocks are powers of two.
    #expect(try nodes(codes(.int4, width: 7)).contains("GatherBlockQuantized") == false)
    #expect(try nodes(codes(.int8, width: 64, group: 24)).contains("GatherBlockQuantized") == false)
  }
}
