import Compression
import Evaluation
import Foundation
import GraphIR
import ModelFormats
import Recipes
import Session
import TensorCore
import Testing

@Suite("An export is checked before it is written")
struct ExportCheckTests {
  private func compressed(_ change: (inout Graph) -> Void = { _ in }) throws -> CompressedModel {
    let made = try Compressor(model: OpenedModelTests.model()).compress(
      Recipe(model: LayerSettings().with(\.weightBits, .quantized(.int8))))
    var model = made.model
    change(&model.graph)
    return CompressedModel(model: model, recipe: made.recipe, layers: made.layers, size: made.size)
  }

  /// What is said of a compressed model; nil where it is ready to be written.
  private func refusal(_ change: (inout Graph) -> Void) throws -> String? {
    let compressed = try compressed(change)
    do {
      _ = try ExportDraft(compressed)
      return nil
    } catch let error as SessionError {
      guard case .invalidExport(let reason) = error else { return "\(error)" }
      return reason
    }
  }

  @Test func soundModels() throws {
    #expect(try refusal { _ in } == nil)
  }

  @Test("a broken graph is refused by the node at fault")
  func brokenGraphs() throws {
    let shape = try #require(
      try refusal {
        $0.initializers["w"] = .dense(Tensor(shape: [5, 7], of: Float.self) { _ in })
      })
    #expect(shape.contains("node"))
    #expect(try refusal { $0.nodes[0].inputs[0] = "unmade" } != nil)
    #expect(try refusal { $0.nodes[0].attributes["unheard"] = .int(1) }?.contains("unheard") == true)
    #expect(try refusal { $0.nodes[0].kind = "Unheard" }?.contains("Unheard") == true)
    #expect(try refusal { $0.outputs[0].dataType = .int64 } != nil)
    #expect(try refusal { $0.initializers["w"] = nil } != nil)
  }

  @Test("what a file does not say of its outputs is found, and what the inputs leave open stays open")
  func outputs() throws {
    var model = try OpenedModelTests.model()
    model.graph.outputs = [ValueInfo(name: "y", dataType: .float32, dimensions: nil)]
    let bound = model.graph.inputs
    let open = bound.map { input in
      var input = input
      input.dimensions?[0] = .symbolic("N")
      return input
    }
    model.graph.inputs = open
    let made = try Compressor(model: model).compress(.identity)
    let written = try ExportDraft(made, inputs: open).stored.model.graph
    #expect(written.outputs[0].dimensions?.first == .symbolic(""))
    #expect(written.outputs[0].dimensions?.last != .symbolic(""))
  }

  @Test("what the file says of itself comes back")
  func metadata() throws {
    let folder = try TemporaryFolder()
    var model = try OpenedModelTests.model()
    model.metadata.modelVersion = 7
    model.metadata.domain = "org.example"
    model.metadata.documentation = "about"
    model.metadata.graphDocumentation = "graph"
    model.metadata.valueDocumentation = ["x": "RGB"]
    model.metadata.producerVersion = "2.1"
    try ONNXWriter.write(model, to: folder.path + "/a.onnx")
    let read = try ReadModel(path: folder.path + "/a.onnx").model
    let made = try Compressor(model: read).compress(.identity)
    _ = try Exporter.write(ExportDraft(made), to: folder.path + "/b.onnx")
    var again = try ONNXReader.read(path: folder.path + "/b.onnx").metadata
    again.fileName = model.metadata.fileName
    #expect(again == model.metadata)
  }

  @Test("models of 16-bit floats are compressed by every method, and what is written is valid")
  func halves() throws {
    let folder = try TemporaryFolder()
    func half(_ dimensions: [Int], _ seed: Int) throws -> Weight {
      let shape = try Shape(dimensions)
      return .dense(
        try Tensor(shape: shape, (0..<shape.count).map { Float16(Float(($0 * 7 + seed) % 13) / 13 - 0.4) }))
    }
    for type in [DataType.float16, .float32] {
      let isInside = type == .float32
      var nodes = [
        Node(
          name: "fc1", kind: "Gemm", inputs: [isInside ? "c" : "x", "w1", "b1"], outputs: ["h"],
          attributes: ["transB": .int(1)]),
        Node(name: "relu", kind: "Relu", inputs: ["h"], outputs: ["a"]),
        Node(name: "fc2", kind: "MatMul", inputs: ["a", "w2"], outputs: [isInside ? "d" : "y"]),
      ]
      if isInside {
        nodes.insert(
          Node(name: "in", kind: "Cast", inputs: ["x"], outputs: ["c"], attributes: ["to": .int(10)]), at: 0)
        nodes.append(
          Node(name: "out", kind: "Cast", inputs: ["d"], outputs: ["y"], attributes: ["to": .int(1)]))
      }
      let graph = Graph(
        name: "g", inputs: [ValueInfo(name: "x", dataType: type, dimensions: [.symbolic("N"), .fixed(12)])],
        outputs: [ValueInfo(name: "y", dataType: type, dimensions: [.symbolic("N"), .fixed(6)])],
        nodes: nodes,
        initializers: [
          "w1": try half([16, 12], 1), "b1": try half([16], 2), "w2": try half([16, 6], 3),
        ], opsets: ["": 17])
      let path = folder.path + "/\(type).onnx"
      try ONNXWriter.write(Model(graph: graph, metadata: Model.Metadata(fileName: "m")), to: path)
      let opened = try OpenedModel(OpenRequest(path: path))
      let compressor = try opened.experiment(.init(threads: 1)).compressor
      for settings in [
        LayerSettings().with(\.weightBits, .quantized(.int8)),
        LayerSettings().with(\.weightBits, .quantized(.int8)).with(\.activationBits, .int8),
        LayerSettings().with(\.weightBits, .quantized(.int4)).with(\.rounding, .gptq),
        LayerSettings().with(\.weightBits, .float16), LayerSettings().with(\.rank, 0.4),
        LayerSettings().with(\.prune, 0.5).with(\.criterion, .sparseGPT),
        LayerSettings().with(\.prune, 0.5).with(\.pattern, .channels),
      ] {
        let made = try compressor.compress(Recipe(model: settings))
        let draft = try ExportDraft(made, inputs: opened.openInputs)
        #expect(draft.stored.model.graph.inputs.map(\.dataType) == [type])
        #expect(draft.stored.model.graph.outputs.map(\.dataType) == [type])
      }
    }
  }
}
