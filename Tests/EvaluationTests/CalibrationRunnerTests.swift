import Compression
import Evaluation
import GraphIR
import Kernels
import Recipes
import TensorCore
import Testing

@Suite struct CalibrationRunnerTests {
  @Test(arguments: [1, 7, 16, 40], [1, 2, 3])
  func everySampleOfEveryValueIsSeenOnce(batch: Int, threads: Int) throws {
    let graph = try TestModels.classifier().graph
    let x = try TestModels.inputs(samples: 40, features: 16)
    let data = try CalibrationData(
      TestModels.data(x, task: .fidelity, targets: nil, split: .calibration), for: graph)
    let runner = CalibrationRunner(data: data, level: .detected, threads: threads, batch: batch)
    var seen: [String: [Float]] = [:]
    try runner.observe(["x", "r"], of: graph) { name, _, values in seen[name, default: []] += values }
    #expect(seen["x"]?.sorted() == x.floats.sorted())
    #expect(seen["x"] != x.floats)
    let r = try #require(seen["r"])
    #expect(r.count == 40 * 32)
    #expect(r.allSatisfy { $0 >= 0 } && r.contains { $0 > 0 })
  }

  @Test func largeDataIsSampledAcrossAllOfIt() throws {
    let graph = try TestModels.classifier().graph
    let x = Tensor(shape: [2000, 16], of: Float.self) { values in
      for index in values.indices { values[index] = Float(index / 16) }
    }
    let data = try CalibrationData(
      TestModels.data(x, task: .fidelity, targets: nil, split: .calibration), for: graph)
    var seen: [Float] = []
    try CalibrationRunner(data: data, level: .detected, threads: 2).observe(["x"], of: graph) { seen += $2 }
    #expect(seen.count == CalibrationData.limit * 16)
    var few: [Float] = []
    try CalibrationRunner(data: data, level: .detected, threads: 2).observe(["x"], of: graph, samples: 50) {
      few += $2
    }
    #expect(few.sorted() == seen.prefix(50 * 16).sorted())
    for quarter in 0..<4 { #expect(seen.contains { Int($0) / 500 == quarter }) }
  }

  /// A table reads indices, which have no range to be observed.
  @Test func indicesAreNoActivations() throws {
    let graph = Graph(
      name: "g", inputs: [ValueInfo(name: "ids", dataType: .int64, dimensions: [.symbolic("N"), .fixed(4)])],
      outputs: [ValueInfo(name: "y", dataType: .float32, dimensions: nil)],
      nodes: [
        Node(name: "embed", kind: "Gather", inputs: ["e", "ids"], outputs: ["h"]),
        Node(name: "head", kind: "MatMul", inputs: ["h", "w"], outputs: ["y"]),
      ],
      initializers: [
        "e": .dense(try TestModels.inputs(samples: 30, features: 16)),
        "w": .dense(try TestModels.inputs(samples: 16, features: 8)),
      ], opsets: ["": 17])
    var model = try TestModels.classifier()
    model.graph = graph
    let data = try CalibrationData(syntheticFor: graph)
    let compressor = Compressor(
      model: model, activations: CalibrationRunner(data: data, level: .detected, threads: 1))
    let settings = LayerSettings().with(\.weightBits, .quantized(.int8)).with(\.activationBits, .int8)
    let nodes = try compressor.compress(Recipe(model: settings)).model.graph.nodes
    #expect(nodes.contains { $0.kind == "QuantizeLinear" && $0.inputs[0] == "h" })
    #expect(!nodes.contains { $0.kind == "QuantizeLinear" && $0.inputs[0] == "ids" })
  }
}
