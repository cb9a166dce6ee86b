import Compression
import Evaluation
import GraphIR
import Recipes
import TensorCore

/// Small models and data made in code.
enum TestModels {
  /// y = relu(x A) B over `inputs` features and `classes` classes, with seeded weights.
  static func classifier(inputs: Int = 16, hidden: Int = 32, classes: Int = 8, seed: UInt64 = 1) throws
    -> Model
  {
    var generator = SeededGenerator(seed: seed)
    func weights(_ rows: Int, _ columns: Int) throws -> Weight {
      .dense(try Tensor(shape: Shape([rows, columns]), (0..<rows * columns).map { _ in generator.normal() }))
    }
    let graph = Graph(
      name: "classifier", inputs: [input([.symbolic("n"), .fixed(inputs)])],
      outputs: [ValueInfo(name: "y", dataType: .float32, dimensions: [.symbolic("n"), .fixed(classes)])],
      nodes: [
        Node(name: "fc1", kind: "MatMul", inputs: ["x", "a"], outputs: ["h"]),
        Node(name: "act", kind: "Relu", inputs: ["h"], outputs: ["r"]),
        Node(name: "fc2", kind: "MatMul", inputs: ["r", "b"], outputs: ["y"]),
      ],
      initializers: ["a": try weights(inputs, hidden), "b": try weights(hidden, classes)], opsets: ["": 17])
    return Model(graph: graph, metadata: Model.Metadata(fileName: "classifier.onnx"))
  }

  /// y = x w with the given matrix, features by outputs.
  static func linear(_ weights: [[Float]], dimensions: [Dimension]? = nil) throws -> Model {
    let shape = try Shape([weights.count, weights[0].count])
    let graph = Graph(
      name: "linear", inputs: [input(dimensions ?? [.symbolic("n"), .fixed(shape[0])])],
      outputs: [ValueInfo(name: "y", dataType: .float32, dimensions: nil)],
      nodes: [Node(name: "fc", kind: "MatMul", inputs: ["x", "w"], outputs: ["y"])],
      initializers: ["w": .dense(try Tensor(shape: shape, weights.flatMap { $0 }))], opsets: ["": 17])
    return Model(graph: graph, metadata: Model.Metadata(fileName: "linear.onnx"))
  }

  private static func input(_ dimensions: [Dimension]) -> ValueInfo {
    ValueInfo(name: "x", dataType: .float32, dimensions: dimensions)
  }

  static func inputs(samples: Int, features: Int, seed: UInt64 = 9) throws -> Tensor {
    var generator = SeededGenerator(seed: seed)
    return try Tensor(
      shape: Shape([samples, features]), (0..<samples * features).map { _ in generator.normal() })
  }

  static func data(
    _ x: Tensor, task: ModelTask, targets: Tensor?, split: Dataset.Split = .evaluation
  ) -> Dataset {
    Dataset(name: "made", split: split, task: task, inputs: ["x": x], targets: targets)
  }
}

extension Experiment.Options {
  static let small = Experiment.Options(threads: 2, batch: 16)
}

extension EvaluationBudget {
  /// Enough to go through every stage, without waiting for tight intervals.
  static let brief = EvaluationBudget(
    firstSamples: 64, firstAccuracyNanoseconds: 1_000_000, firstLatencyNanoseconds: 1_000_000,
    updateNanoseconds: 2_000_000, latencyNanoseconds: 6_000_000, latencyWidth: 0, latencyPairs: 5,
    deflates: true)
}

extension Recipe {
  static func pruned(_ share: Double) -> Recipe { Recipe(model: LayerSettings().with(\.prune, share)) }
}
