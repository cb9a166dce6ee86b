import GraphIR
import ModelFormats
import SwiftProtobuf
import TensorCore
import Testing

/// That the numbers are right is shown by Scripts/peer/exported_models.py, which compares with ONNX Runtime.
@Suite("Operators of scikit-learn's exports become layers")
struct ClassicalOperatorTests {
  private func floats(_ name: String, _ values: [Float]) -> ONNXAttributeProto {
    Proto.attribute(name, .floats) { $0.floats = values }
  }

  private func text(_ name: String, _ value: String) -> ONNXAttributeProto {
    Proto.attribute(name, .string) { $0.s = .init(value.utf8) }
  }

  private func classical(
    _ type: String, _ inputs: [String], _ outputs: [String], _ attributes: [ONNXAttributeProto]
  ) -> ONNXNodeProto {
    var node = Proto.node(type, inputs, outputs, name: type, attributes)
    node.domain = "ai.onnx.ml"
    return node
  }

  private func read(
    _ nodes: [ONNXNodeProto], outputs: [String] = ["y"], _ change: (inout ONNXModelProto) -> Void = { _ in }
  ) throws -> Graph {
    try Proto.read(
      Proto.model(nodes: nodes) { model in
        var entry = ONNXOperatorSetIdProto()
        entry.domain = "ai.onnx.ml"
        entry.version = 1
        model.opsetImport.append(entry)
        model.graph.output = outputs.map { Proto.value($0, nil) }
        change(&model)
      }
    ).graph
  }

  private func kinds(_ graph: Graph) -> [String] { graph.nodes.map(\.kind.description) }

  @Test func aClassifierIsALayerWithLabels() throws {
    let labels = Proto.attribute("classlabels_ints", .ints) { $0.ints = [3, 5, 8] }
    let node = classical(
      "LinearClassifier", ["x"], ["y", "p"],
      [
        floats("coefficients", (0..<12).map { Float($0) }), floats("intercepts", [1, 2, 3]), labels,
        text("post_transform", "SOFTMAX"),
      ])
    let graph = try read([node], outputs: ["y", "p"])
    #expect(kinds(graph) == ["Gemm", "ArgMax", "Gather", "Softmax"])
    #expect(graph.nodes[0].name == "LinearClassifier")
    let weights = try #require(graph.nodes[0].input(1).flatMap { graph.initializers[$0] })
    #expect(weights.shape == [3, 4])
    let table = try #require(graph.nodes[2].input(0).flatMap { graph.initializers[$0] })
    #expect(table.tensor.integers == [3, 5, 8])
  }

  @Test func oneRowTellsTwoClassesApart() throws {
    let labels = Proto.attribute("classlabels_strings", .strings) {
      $0.strings = [.init("a".utf8), .init("b".utf8)]
    }
    func node(_ function: String) -> ONNXNodeProto {
      classical(
        "LinearClassifier", ["x"], ["y", "p"],
        [
          floats("coefficients", [1, 2, 3, 4]), floats("intercepts", [0]), labels,
          text("post_transform", function),
        ])
    }
    #expect(
      try kinds(read([node("LOGISTIC")], outputs: ["y", "p"]))
        == ["Gemm", "Neg", "Concat", "ArgMax", "Gather", "Sigmoid"])
    // What is not known stays as it is, and is told of where it is planned.
    #expect(try kinds(read([node("PROBIT")], outputs: ["y", "p"])) == ["ai.onnx.ml.LinearClassifier"])
  }

  @Test func scalersAndRegressorsAreArithmetic() throws {
    let nodes = [
      classical("Scaler", ["x"], ["a"], [floats("offset", [1, 2, 3, 4]), floats("scale", [1, 1, 2, 2])]),
      classical("Normalizer", ["a"], ["b"], [text("norm", "L2")]),
      classical(
        "LinearRegressor", ["b"], ["y"],
        [
          floats("coefficients", (0..<8).map { Float($0) }), floats("intercepts", [1, 2]),
          Proto.int("targets", 2),
        ]),
    ]
    #expect(try kinds(read(nodes)) == ["Sub", "Mul", "ReduceL2", "Max", "Div", "Gemm"])
  }

  @Test func aMapOfProbabilitiesIsOneArray() throws {
    let zip = classical(
      "ZipMap", ["x"], ["y"], [Proto.attribute("classlabels_int64s", .ints) { $0.ints = [0, 1] }])
    let graph = try read([zip]) { model in
      var type = ONNXTypeProto()
      type.sequenceType.elemType = ONNXTypeProto()
      model.graph.output[0].type = type
    }
    #expect(kinds(graph) == ["Identity"] && graph.outputs[0].name == "y")
  }

  @Test func featuresAreColumns() throws {
    let node = classical("ArrayFeatureExtractor", ["classes", "best"], ["y"], [])
    let best = Proto.node("ArgMax", ["x"], ["best"], name: "best", [Proto.int("axis", 1)])
    let graph = try read([best, node]) {
      $0.graph.initializer = [Proto.floats("classes", [3], [1, 2, 3])]
    }
    #expect(kinds(graph) == ["ArgMax", "Reshape", "Gather"])
  }

  @Test func anOperatorSetMayBeToldTwiceButNotDiffer() throws {
    func model(_ version: Int64) -> ONNXModelProto {
      Proto.model {
        var entry = ONNXOperatorSetIdProto()
        entry.version = version
        $0.opsetImport.append(entry)
      }
    }
    #expect(try Proto.read(model(13)).graph.opset == 13)
    guard case .duplicateName? = formatError({ _ = try Proto.read(model(14)) }) else {
      Issue.record("two versions of one operator set passed")
      return
    }
  }

  @Test func numbersThatDoNotFitAreLeftAlone() throws {
    for attributes in [
      [floats("coefficients", [1, 2, 3]), floats("intercepts", [1, 2])], [floats("intercepts", [1])],
      [floats("coefficients", [1, 2, 3, 4]), Proto.int("targets", -1)],
      [floats("coefficients", [1, 2, 3, 4]), Proto.int("targets", 3)],
    ] {
      #expect(
        try kinds(read([classical("LinearRegressor", ["x"], ["y"], attributes)])) == [
          "ai.onnx.ml.LinearRegressor"
        ])
    }
  }
}
