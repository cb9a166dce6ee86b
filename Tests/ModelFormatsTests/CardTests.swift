import Foundation
import GraphIR
import ModelFormats
import TensorCore
import Testing

@Suite("Cards and model folders")
struct CardTests {
  private func card(_ text: String) throws -> ModelCard { try ModelCard(text: text, file: "card.toml") }

  @Test("every key")
  func full() throws {
    let card = try card(
      """
      name = "n"
      title = "t"
      description = "d"
      license = "l"
      [task]
      kind = "sequence"
      metric = "exact-match"
      [input]
      name = "tokens"
      layout = "NT"
      scale = 2
      mean = [1, 2.5]
      std = [0.5]
      [output]
      name = "logits"
      [sequence]
      answer_start = 5
      answer_length = 3
      [data]
      calibration = "../c.npz"
      evaluation = "e.npz"
      [training]
      epochs = 3
      note = "long"
      [metrics]
      evaluation_accuracy = 0.5
      evaluation_samples = 10
      parameters = 99
      """)
    #expect(card.name == "n")
    #expect(card.task == .sequence(answerStart: 5, answerLength: 3))
    #expect(card.metric == "exact-match")
    #expect(card.input.name == "tokens")
    #expect(card.input.preprocessing == Preprocessing(scale: 2, mean: [1, 2.5], std: [0.5]))
    #expect(card.output == "logits")
    #expect(card.data.calibration == "../c.npz")
    #expect(card.training == ["epochs": "3", "note": "long"])
    #expect(card.metrics.parameters == 99)
    #expect(card.metrics.evaluationAccuracy == 0.5)
  }

  @Test("an empty card has defaults")
  func empty() throws {
    let card = try card("")
    #expect(card.task == .fidelity)
    #expect(card.input.preprocessing.isIdentity)
    #expect(card.data.evaluation == nil)
  }

  @Test(
    "a wrong value is named by its key",
    arguments: [
      ("name = 3", "name"), ("[task]\nkind = \"dance\"", "task.kind"), ("task = 3", "task"),
      ("[input]\nscale = \"big\"", "input.scale"), ("[input]\nmean = [1, \"a\"]", "input.mean"),
      ("[input]\nscale = nan", "input.scale"), ("[task]\nkind = \"sequence\"", "sequence.answer_start"),
      (
        "[task]\nkind = \"sequence\"\n[sequence]\nanswer_start = -1\nanswer_length = 1",
        "sequence.answer_start"
      ),
      (
        "[task]\nkind = \"sequence\"\n[sequence]\nanswer_start = 1\nanswer_length = 0",
        "sequence.answer_length"
      ),
      ("[task]\nkind = \"classification\"\nclasses = [1]", "task.classes"), ("name = ", "line 1"),
      ("a\n= 1", "line 1"),
    ])
  func wrong(_ text: String, _ key: String) {
    guard case .invalidCard("card.toml", key, _, _)? = formatError({ _ = try card(text) }) else {
      Issue.record("\(text): \(String(describing: formatError { _ = try card(text) }))")
      return
    }
  }

  @Test("a folder, or a model in it, leads to its card and data")
  func folder() throws {
    let folder = try TemporaryFolder()
    let model = try folder.write("model.onnx", Data([1]))
    _ = try folder.write("card.toml", Data("[data]\nevaluation = \"../other/e.npz\"".utf8))
    _ = try folder.write("calibration.npz", Data([1]))
    for path in [folder.path, model] {
      let found = try ModelFolder.resolve(path)
      #expect(found.model == model)
      #expect(found.card != nil)
      #expect(found.calibration == folder.path + "/calibration.npz")
      #expect(found.evaluation == folder.path + "/../other/e.npz")
    }
  }

  @Test("one model of any name serves; several or none are refused")
  func choice() throws {
    let folder = try TemporaryFolder()
    #expect(
      formatError { _ = try ModelFolder.resolve(folder.path) } == .noModel(folder: folder.path, found: []))
    let only = try folder.write("a.onnx", Data([1]))
    #expect(try ModelFolder.resolve(folder.path) == ModelFolder.resolve(only))
    _ = try folder.write("b.onnx", Data([1]))
    #expect(
      formatError { _ = try ModelFolder.resolve(folder.path) }
        == .noModel(folder: folder.path, found: ["a.onnx", "b.onnx"]))
    #expect(
      formatError { _ = try ModelFolder.resolve("/nonexistent") } == .fileNotFound(file: "/nonexistent"))
  }
}

@Suite("The sample models load whole")
struct SampleModelTests {
  static let folders: [String] = {
    let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("sample-models").path
    let names = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
    return names.sorted().map { root + "/" + $0 }
  }()

  @Test func areThere() { #expect(!SampleModelTests.folders.isEmpty) }

  @Test("model, card, calibration and evaluation data", arguments: SampleModelTests.folders)
  func load(_ folder: String) throws {
    let found = try ModelFolder.resolve(folder)
    let card = try #require(found.card)
    let model = try ONNXReader.read(path: found.model)
    #expect(WeightCheck.nonFinite(in: model.graph).isEmpty)
    // The card counts initializers only; a few scalars stand in Constant nodes.
    let parameters = try #require(card.metrics.parameters)
    #expect((parameters..<parameters + 100).contains(model.parameterCount))
    #expect(model.graph.inputs.count == 1)
    let loader = DatasetLoader(
      inputs: model.graph.inputs, preprocessing: card.input.preprocessing, task: card.task)
    let calibration = try loader.load(paths: [try #require(found.calibration)], split: .calibration)
    let evaluation = try loader.load(paths: [try #require(found.evaluation)], split: .evaluation)
    #expect(calibration.count > 0)
    #expect(evaluation.count == card.metrics.evaluationSamples)
    #expect(evaluation.targets != nil)

    let again = try ONNXReader.read(bytes: ONNXWriter.bytes(model), file: found.model)
    #expect(difference(model, again) == nil)
  }
}
