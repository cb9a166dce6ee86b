import Foundation
import GraphIR
import ModelFormats
import TensorCore
import Testing

@Suite("Damaged and hostile ONNX files end in a sentence")
struct ONNXHostileTests {
  private func error(_ proto: ONNXModelProto, folder: String? = nil) -> FormatError? {
    formatError { _ = try Proto.read(proto, folder: folder) }
  }

  private func error(bytes: Data) -> FormatError? {
    formatError { _ = try ONNXReader.read(bytes: bytes, file: "test.onnx") }
  }

  @Test func missingFile() {
    let path = "/nonexistent/model.onnx"
    #expect(formatError { _ = try ONNXReader.read(path: path) } == .fileNotFound(file: path))
  }

  @Test func folderInsteadOfFile() {
    #expect(formatError { _ = try ONNXReader.read(path: "/tmp") } == .notAFile(file: "/tmp"))
  }

  @Test func endlessDevice() {
    #expect(formatError { _ = try ONNXReader.read(path: "/dev/zero") } == .notAFile(file: "/dev/zero"))
  }

  @Test func emptyFile() { #expect(error(bytes: Data()) == .emptyFile(file: "test.onnx")) }

  @Test func text() {
    guard case .notONNX? = error(bytes: Data("Hello, this is not a model at all".utf8)) else {
      Issue.record("text was taken for a model")
      return
    }
  }

  @Test func noGraph() { #expect(error(Proto.model { $0.clearGraph() }) == .noGraph(file: "test.onnx")) }

  @Test(arguments: [0, 29, 1000]) func opset(_ version: Int64) {
    #expect(
      error(Proto.model(opset: version))
        == .unsupportedOpset(file: "test.onnx", found: Int(version), supported: 1...28))
  }

  @Test(arguments: [7, 13, 21, 25]) func opsetsThatAreRead(_ version: Int64) throws {
    #expect(try Proto.read(Proto.model(opset: version)).graph.opset == Int(version))
  }

  @Test func negativeDimension() {
    guard
      case .invalidTensor(_, "w", _, "[-2]")? = error(
        Proto.model(initializers: [Proto.floats("w", [-2], [])]))
    else {
      Issue.record("a negative dimension passed")
      return
    }
  }

  @Test func hugeDimensions() {
    let dims: [Int64] = [1 << 40, 1 << 40]
    guard case .invalidTensor(_, "w", _, _)? = error(Proto.model(initializers: [Proto.floats("w", dims, [])]))
    else {
      Issue.record("huge dimensions passed")
      return
    }
    #expect(error(Proto.model { $0.graph.input[0] = Proto.value("x", dims) }) != nil)
  }

  @Test func largeShapeWithoutData() {
    guard case .invalidTensor? = error(Proto.model(initializers: [Proto.floats("w", [1 << 50], [1])])) else {
      Issue.record("a shape without its data passed")
      return
    }
  }

  @Test func fewerBytesThanShape() {
    let stored = Proto.tensor("w", 1, [2, 2]) { $0.rawData = Data(count: 15) }
    #expect(
      error(Proto.model(initializers: [stored]))
        == .invalidTensor(
          file: "test.onnx", tensor: "w", expected: "16 bytes for its shape [2, 2]", found: "15"))
  }

  @Test(arguments: [
    (Int32(0), "undefined"), (14, "complex64"), (15, "complex128"), (99, "number 99"),
  ])
  func unsupportedType(_ type: Int32, _ name: String) {
    #expect(
      error(Proto.model(initializers: [Proto.tensor("w", type, [1])]))
        == .unsupportedDataType(file: "test.onnx", value: "w", type: name))
  }

  @Test func mapInput() {
    guard
      case .invalidValue(_, "x", _, _)? = error(
        Proto.model {
          $0.graph.input = [Proto.value("x", [1])]; $0.graph.input[0].type = ONNXTypeProto()
        })
    else {
      Issue.record("an input without a type passed")
      return
    }
  }

  @Test func inputWithoutType() {
    guard case .invalidValue(_, "x", _, _)? = error(Proto.model { $0.graph.input[0].clearType() }) else {
      Issue.record("an input without a type passed")
      return
    }
  }

  @Test func duplicateInitializers() {
    let stored = Proto.floats("w", [1], [1])
    #expect(
      error(Proto.model(initializers: [stored, stored]))
        == .duplicateName(file: "test.onnx", what: "initializers", name: "w"))
  }

  @Test func duplicateInputs() {
    #expect(
      error(Proto.model { $0.graph.input.append($0.graph.input[0]) })
        == .duplicateName(file: "test.onnx", what: "inputs", name: "x"))
  }

  @Test func duplicateValues() {
    let nodes = [Proto.node("Relu", ["x"], ["y"]), Proto.node("Relu", ["x"], ["y"])]
    guard case .invalidGraph? = error(Proto.model(nodes: nodes)) else {
      Issue.record("a value produced twice passed")
      return
    }
  }

  @Test func cycle() {
    let nodes = [
      Proto.node("Add", ["x", "b"], ["a"]), Proto.node("Relu", ["a"], ["b"]),
      Proto.node("Relu", ["b"], ["y"]),
    ]
    guard case .invalidGraph(_, let reason)? = error(Proto.model(nodes: nodes)) else {
      Issue.record("a cycle passed")
      return
    }
    #expect(reason.contains("cyclic"))
    #expect(reason.contains("Add_0"))
  }

  @Test func undefinedValue() {
    guard
      case .invalidGraph(_, let reason)? = error(Proto.model(nodes: [Proto.node("Relu", ["nowhere"], ["y"])]))
    else {
      Issue.record("an undefined value passed")
      return
    }
    #expect(reason.contains("nowhere"))
  }

  @Test func undefinedOutput() {
    guard case .invalidGraph? = error(Proto.model { $0.graph.output[0].name = "nothing" }) else {
      Issue.record("an undefined output passed")
      return
    }
  }

  @Test func deepNesting() throws {
    var graph = ONNXGraphProto()
    for _ in 0..<40 {
      var outer = ONNXGraphProto()
      let inner = graph
      outer.node = [Proto.node("If", ["x"], ["y"], [Proto.attribute("then_branch", .graph) { $0.g = inner }])]
      graph = outer
    }
    #expect(error(Proto.model { $0.graph.node = graph.node }) == .nestedTooDeep(file: "test.onnx"))
  }

  @Test func manyNestedGraphsInLinearTime() {
    // Would take minutes if names were copied for each nested graph.
    var body = ONNXGraphProto()
    body.output = [Proto.value("x", nil)]
    let nodes = (0..<20_000).map { index in
      Proto.node("If", ["x"], ["v\(index)"], [Proto.attribute("then_branch", .graph) { $0.g = body }])
    }
    #expect(error(Proto.model(nodes: nodes + [Proto.node("Relu", ["x"], ["y"])])) == nil)
  }

  @Test func attributeOfAnUnsupportedKind() {
    let node = Proto.node("Relu", ["x"], ["y"], name: "relu", [Proto.attribute("ts", .typeProtos) { _ in }])
    guard case .invalidNode(_, "relu", "Relu", _, _)? = error(Proto.model(nodes: [node])) else {
      Issue.record("a list of types passed")
      return
    }
  }

  @Test func sparseBomb() {
    var sparse = ONNXSparseTensorProto()
    sparse.dims = [1 << 40]
    sparse.values = Proto.floats("w", [1], [5])
    sparse.indices = Proto.tensor("", 7, [1]) { $0.int64Data = [1] }
    guard case .invalidTensor? = error(Proto.model { $0.graph.sparseInitializer = [sparse] }) else {
      Issue.record("a sparse bomb passed")
      return
    }
  }

  @Test(arguments: [-1, 6]) func sparseIndexOutside(_ index: Int64) {
    var sparse = ONNXSparseTensorProto()
    sparse.dims = [2, 3]
    sparse.values = Proto.floats("w", [1], [5])
    sparse.indices = Proto.tensor("", 7, [1]) { $0.int64Data = [index] }
    guard case .invalidTensor? = error(Proto.model { $0.graph.sparseInitializer = [sparse] }) else {
      Issue.record("an index outside passed")
      return
    }
  }

  @Test(arguments: [
    ["location": "/etc/passwd"], ["location": "../w.bin"], ["location": "a/../../w.bin"],
    ["location": "gone.bin"],
    ["location": ""], [:], ["location": "w.bin", "offset": "9"], ["location": "w.bin", "offset": "4"],
    ["location": "w.bin", "offset": "-1"], ["location": "w.bin", "offset": "9223372036854775807"],
    ["location": "w.bin", "length": "4"], ["location": "w.bin", "length": "9223372036854775807"],
    ["location": "w.bin", "offset": "x"], ["location": "link.bin"],
  ])
  func externalDataOutside(_ entries: [String: String]) throws {
    let folder = try TemporaryFolder()
    _ = try folder.write("w.bin", Data(count: 8))
    try FileManager.default.createSymbolicLink(
      atPath: folder.path + "/link.bin", withDestinationPath: "/etc/passwd")
    var stored = externalTensor([:])
    stored.externalData = entries.map { key, value in
      var entry = ONNXStringStringEntryProto()
      entry.key = key
      entry.value = value
      return entry
    }
    guard case .externalData(_, "w", _, _)? = error(Proto.model(initializers: [stored]), folder: folder.path)
    else {
      Issue.record("\(entries) passed")
      return
    }
  }

  @Test func externalDataThatIsAFolder() throws {
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(atPath: folder.path + "/sub", withIntermediateDirectories: false)
    let stored = externalTensor(["location": "sub"])
    guard case .notAFile? = error(Proto.model(initializers: [stored]), folder: folder.path) else {
      Issue.record("a folder passed")
      return
    }
  }

  @Test func externalDataWithoutFolder() {
    guard case .externalData? = error(Proto.model(initializers: [externalTensor(["location": "w.bin"])]))
    else {
      Issue.record("external data without a folder passed")
      return
    }
  }

  @Test func nonFiniteWeightsAreNamed() throws {
    let model = try Proto.read(
      Proto.model(initializers: [
        Proto.floats("nan", [2], [1, .nan]), Proto.floats("good", [1], [1]),
        Proto.floats("inf", [2], [0.5, .infinity]),
        Proto.floats("mask", [2], [0, -.infinity]),
      ]))
    #expect(WeightCheck.nonFinite(in: model.graph) == ["inf", "nan"])
  }

  @Test func controlCharactersStayOutOfMessages() {
    let error = FormatError.duplicateName(file: "a\u{1B}[31m", what: "inputs", name: "b\n\u{7}\u{202E}c")
    #expect(!error.description.unicodeScalars.contains { $0.properties.generalCategory == .control })
    #expect(!error.description.contains("\u{202E}"))
  }
}
