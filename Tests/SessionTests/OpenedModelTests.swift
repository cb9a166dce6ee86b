import Evaluation
import Foundation
import GraphIR
import ModelFormats
import Session
import TensorCore
import Testing

@Suite struct OpenedModelTests {
  static func model(weight: Float = 1) throws -> Model {
    let graph = Graph(
      name: "g", inputs: [ValueInfo(name: "x", dataType: .float32, dimensions: [.symbolic("n"), .fixed(2)])],
      outputs: [ValueInfo(name: "y", dataType: .float32, dimensions: [.symbolic("n"), .fixed(2)])],
      nodes: [Node(name: "fc", kind: "MatMul", inputs: ["x", "w"], outputs: ["y"])],
      initializers: ["w": .dense(try Tensor(shape: [2, 2], [weight, 0, 0, 1]))], opsets: ["": 17])
    return Model(graph: graph, metadata: Model.Metadata(fileName: "model.onnx"))
  }

  /// A folder with a model, and evaluation data of `samples` samples.
  private func folder(
    weight: Float = 1, samples: Int = 40, labelled: Bool = true, calibration: Bool = false,
    card: String? = nil
  ) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try ONNXWriter.write(Self.model(weight: weight), to: folder.path + "/model.onnx")
    let x = try Tensor(
      shape: Shape([samples, 2]), (0..<samples * 2).map { Float($0 % 7) - Float($0 % 3) })
    var arrays = ["x": x]
    if calibration { try NPZ.write(arrays, to: folder.path + "/calibration.npz") }
    if labelled { arrays["y"] = try Tensor(shape: Shape([samples]), (0..<samples).map { Int64($0 % 2) }) }
    try NPZ.write(arrays, to: folder.path + "/evaluation.npz")
    if let card { try folder.write(card, to: "card.toml") }
    return folder
  }

  /// x [2, batch], samples along its second axis, as data has them and as the rest of the data is set aside.
  @Test func dataLiesAsTheModelTakesIt() throws {
    let folder = try TemporaryFolder()
    var model = try Self.model()
    model.graph.inputs[0].dimensions = [.fixed(2), .symbolic("batch")]
    model.graph.nodes[0].inputs = ["w", "x"]
    model.graph.outputs[0].dimensions = [.fixed(2), .symbolic("batch")]
    try ONNXWriter.write(model, to: folder.path + "/model.onnx")
    try NPZ.write(["x": Tensor(shape: [2, 40], (0..<80).map(Float.init))], to: folder.path + "/x.npz")
    let opened = try OpenedModel(OpenRequest(path: folder.path, data: [folder.path + "/x.npz"]))
    #expect(opened.axes["x"] == .axis(1))
    #expect(opened.evaluation?.count == 36 && opened.calibration?.count == 4)
    #expect(opened.evaluation?.inputs["x"]?.shape == [2, 36])
    #expect(throws: GraphError.sampleAxis(input: "x", rank: 2, choices: [])) {
      try OpenedModel(OpenRequest(path: folder.path, batchAxes: .some(["x": 2])))
    }
  }

  private func opened(labels: Tensor, card: String? = nil) throws -> OpenedModel {
    let folder = try folder(labelled: false, card: card)
    let x = try Tensor(shape: [40, 2], (0..<80).map { Float($0 % 7) - Float($0 % 3) })
    try NPZ.write(["x": x, "y": labels], to: folder.path + "/labelled.npz")
    return try OpenedModel(OpenRequest(path: folder.path, data: [folder.path + "/labelled.npz"]))
  }

  @Test func labelsTellTheTask() throws {
    func labels(_ value: (Int) -> Float, _ columns: Int = 2) throws -> Tensor {
      try Tensor(shape: Shape([40, columns]), (0..<40 * columns).map(value))
    }
    let one = try opened(labels: labels { ($0 / 2) % 2 == $0 % 2 ? 1 : 0 })
    #expect(one.evaluation?.task == .classification(classes: []) && one.evaluation?.targets?.shape == [36])
    #expect(one.notices.contains { $0.contains("1 in the column") })
    let several = try opened(labels: labels { $0 % 3 == 0 ? 0 : 1 })
    #expect(several.evaluation?.task == .multiLabel && several.evaluation?.targets?.shape == [36, 2])
    let values = try opened(labels: labels { Float($0) / 7 })
    #expect(values.evaluation?.task == .regression)
    let places = try opened(labels: Tensor(shape: [40, 3], (0..<120).map { Int64($0 % 5) }))
    #expect(places.evaluation?.task == .positions)
  }

  @Test func theCardChoosesMetricAndOutput() throws {
    let labels = try Tensor(shape: [40], (0..<40).map { Int64($0 % 2) })
    func metric(_ card: String) throws -> Metric {
      try opened(labels: labels, card: card).experiment(Experiment.Options(threads: 1)).metric
    }
    #expect(try metric("name = \"a\"") == .top1)
    #expect(try metric("metric = \"fidelity\"\noutput = \"y\"") == .fidelity)
    #expect(try metric("[task]\nmetric = \"fidelity\"\n[output]\nname = \"y\"") == .fidelity)
    #expect(throws: SessionError.self) { try metric("metric = \"psnr\"") }
  }

  @Test func aFolderIsReadWithItsCardAndData() throws {
    let folder = try folder(
      calibration: true,
      card: """
        name = "toy"
        [task]
        kind = "classification"
        classes = ["a", "b"]
        [input]
        scale = 0.5
        """)
    let opened = try OpenedModel(OpenRequest(path: folder.path))
    #expect(opened.name == "toy" && opened.notices.isEmpty)
    let evaluation = try #require(opened.evaluation)
    #expect(evaluation.task == .classification(classes: ["a", "b"]) && evaluation.count == 40)
    #expect(evaluation.split == .evaluation && evaluation.name == "toy")
    #expect(evaluation.inputs["x"]?.floats[1] == 0)
    #expect(evaluation.inputs["x"]?.floats[3] == 1.5)
    #expect(opened.calibration?.split == .calibration && opened.calibration?.targets == nil)
    #expect(try opened.experiment(.init(threads: 1)).data.count == 40)
  }

  @Test func missingCalibrationDataIsSetAsideFromTheRest() throws {
    let folder = try folder(samples: 50)
    let opened = try OpenedModel(OpenRequest(path: folder.path + "/model.onnx"))
    #expect(opened.evaluation?.count == 45 && opened.calibration?.count == 5)
    #expect(opened.evaluation?.targets?.count == 45)
    #expect(opened.notices.contains { $0.contains("set aside") })
    #expect(opened.name == (folder.path as NSString).lastPathComponent)
  }

  @Test func noDataMeansFidelityOnSeededInputs() throws {
    let folder = try TemporaryFolder()
    try ONNXWriter.write(Self.model(), to: folder.path + "/tiny.onnx")
    let opened = try OpenedModel(OpenRequest(path: folder.path + "/tiny.onnx"))
    #expect(opened.evaluation == nil && opened.name == "tiny")
    #expect(opened.notices.contains { $0.contains("--data") })
    #expect(try opened.experiment(.init(threads: 1)).data.isSynthetic)
  }

  @Test func missingLabelsMeanFidelityWithANotice() throws {
    let folder = try folder(labelled: false, calibration: true, card: "[task]\nkind = \"classification\"\n")
    let opened = try OpenedModel(OpenRequest(path: folder.path))
    #expect(opened.evaluation?.task == .fidelity)
    #expect(opened.notices.contains { $0.contains("no labels") })
  }

  @Test func nonFiniteWeightsAreRefusedByName() throws {
    let folder = try folder(weight: .nan)
    let error = #expect(throws: SessionError.self) { try OpenedModel(OpenRequest(path: folder.path)) }
    #expect(error?.description.contains("NaN or infinity in w") == true)
  }

  @Test func oneFileCannotBeBothKindsOfData() throws {
    let folder = try folder()
    let file = folder.path + "/evaluation.npz"
    #expect(throws: SessionError.sameData(file: file)) {
      try OpenedModel(OpenRequest(path: folder.path, data: [file], calibration: [file]))
    }
  }

  @Test func dataThatDoesNotFitAndFilesThatAreMissingAreNamed() throws {
    let folder = try folder()
    let wide = folder.path + "/wide.npz"
    try NPZ.write(["x": Tensor(shape: [4, 3], [Float](repeating: 0, count: 12))], to: wide)
    #expect(throws: FormatError.self) { try OpenedModel(OpenRequest(path: folder.path, data: [wide])) }
    #expect(throws: FormatError.fileNotFound(file: folder.path + "/none")) {
      try OpenedModel(OpenRequest(path: folder.path + "/none"))
    }
  }

  @Test func theSessionsSubjectIsTheContent() throws {
    let machine = MachineDescription(
      processor: "p", featureLevel: "AVX2", cores: 2, threads: 1, memoryBytes: 1)
    let one = try folder()
    let two = try folder()
    let changed = try folder(weight: 2)
    func subject(_ folder: TemporaryFolder) throws -> SessionSubject {
      try OpenedModel(OpenRequest(path: folder.path)).subject(on: machine)
    }
    #expect(try subject(one).model == subject(two).model)
    #expect(try subject(one).data == subject(two).data)
    #expect(try subject(one).model != subject(changed).model)
  }
}
