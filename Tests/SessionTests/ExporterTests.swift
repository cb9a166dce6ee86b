import Compression
import Evaluation
import Foundation
import GraphIR
import ModelFormats
import Recipes
import Session
import Testing

@Suite struct ExporterTests {
  private func compressed() throws -> CompressedModel {
    try Compressor(model: OpenedModelTests.model()).compress(
      Recipe(model: LayerSettings().with(\.weightBits, .quantized(.int8))))
  }

  @Test func theModelAndItsRecipeComeBack() throws {
    let folder = try TemporaryFolder()
    let compressed = try compressed()
    let result = try Exporter.write(ExportDraft(compressed), to: folder.path + "/small.onnx")
    #expect(result.recipePath == folder.path + "/small.recipe.toml")
    let written = try Data(contentsOf: URL(fileURLWithPath: result.modelPath))
    #expect(result.bytes == written.count)
    #expect(result.deflatedBytes > 0 && result.deflatedBytes < result.bytes)
    let text = try String(contentsOfFile: result.recipePath, encoding: .utf8)
    #expect(try RecipeFile.read(text) == compressed.recipe)
    let back = try ONNXReader.read(path: result.modelPath)
    #expect(
      back.graph.initializers["w"]?.tensor.floats == compressed.model.graph.initializers["w"]?.tensor.floats)
  }

  @Test func whatTheModelLeavesOpenStaysOpen() throws {
    let folder = try TemporaryFolder()
    var model = try OpenedModelTests.model()
    let open = [Dimension.symbolic("n"), .symbolic("t"), .fixed(2)]
    model.graph.inputs = [ValueInfo(name: "x", dataType: .float32, dimensions: open)]
    model.graph.outputs = [ValueInfo(name: "y", dataType: .float32, dimensions: nil)]
    try ONNXWriter.write(model, to: folder.path + "/open.onnx")
    let opened = try OpenedModel(OpenRequest(path: folder.path + "/open.onnx"))
    #expect(opened.model.graph.inputs.first?.dimensions == [.symbolic("n"), .fixed(16), .fixed(2)])
    let compressed = try opened.experiment(.init(threads: 1)).compressor.compress(
      Recipe(model: LayerSettings().with(\.weightBits, .quantized(.int8))))
    let path = folder.path + "/small.onnx"
    _ = try Exporter.write(ExportDraft(compressed, inputs: opened.openInputs), to: path)
    #expect(try ONNXReader.read(path: path).graph.inputs.first?.dimensions == open)
  }

  @Test func nothingIsReplacedUnasked() throws {
    let folder = try TemporaryFolder()
    let compressed = try compressed()
    let path = folder.path + "/small.onnx"
    try folder.write("mine", to: "small.recipe.toml")
    #expect(throws: SessionError.fileExists(path: folder.path + "/small.recipe.toml")) {
      try Exporter.write(ExportDraft(compressed), to: path)
    }
    #expect(!FileManager.default.fileExists(atPath: path))
    _ = try Exporter.write(ExportDraft(compressed), to: path, replacing: true)
    #expect(throws: SessionError.fileExists(path: path)) {
      try Exporter.write(ExportDraft(compressed), to: path)
    }
  }

  @Test func aFreeNameTellsTheRecipe() throws {
    let folder = try TemporaryFolder()
    let compressed = try compressed()
    let first = Exporter.freePath(in: folder.path, name: "a/b", recipe: compressed.recipe)
    #expect(first == folder.path + "/a-b-W8.onnx")
    _ = try Exporter.write(ExportDraft(compressed), to: first)
    let second = Exporter.freePath(in: folder.path, name: "a/b", recipe: compressed.recipe)
    #expect(second == folder.path + "/a-b-W8-2.onnx")
  }

  @Test func aFolderThatIsNotThereIsNamed() throws {
    #expect(throws: FormatError.self) {
      try Exporter.write(ExportDraft(compressed()), to: "/nonexistent/folder/model.onnx")
    }
  }

  @Test("a recipe that cannot be written leaves no model behind")
  func nothingIsLeft() throws {
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(
      atPath: folder.path + "/small.recipe.toml", withIntermediateDirectories: false)
    let draft = try ExportDraft(compressed())
    #expect(throws: FormatError.self) {
      try Exporter.write(draft, to: folder.path + "/small.onnx", replacing: true)
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["small.recipe.toml"])
  }

  @Test("a draft knows the file's size to the byte, and says where it is larger than the original")
  func sizes() throws {
    let folder = try TemporaryFolder()
    let draft = try ExportDraft(compressed(), originalBytes: 10)
    let result = try Exporter.write(draft, to: folder.path + "/small.onnx")
    #expect(draft.bytes == result.bytes)
    #expect(draft.sizeRemark?.contains("\(result.bytes) bytes instead of 10") == true)
    let small = try ExportDraft(compressed(), originalBytes: 1 << 20)
    #expect(small.sizeRemark == nil && small.runtimeRemarks.isEmpty)
  }
}
