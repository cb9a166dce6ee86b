import Evaluation
import GraphIR
import Kernels
import TensorCore
import Testing

@Suite struct CalibrationRunnerTests {
  @Test(arguments: [1, 7, 16, 40]) func everySampleOfEveryValueIsSeenOnce(batch: Int) throws {
    let graph = try TestModels.classifier().graph
    let x = try TestModels.inputs(samples: 40, features: 16)
    let data = try CalibrationData(
      TestModels.data(x, task: .fidelity, targets: nil, split: .calibration), for: graph)
    let runner = CalibrationRunner(data: data, level: .detected, batch: batch)
    var seen: [String: [Float]] = [:]
    try runner.observe(["x", "r"], of: graph) { name, values in seen[name, default: []] += values }
    #expect(seen["x"] == x.floats)
    let r = try #require(seen["r"])
    #expect(r.count == 40 * 32)
    #expect(r.allSatisfy { $0 >= 0 } && r.contains { $0 > 0 })
  }
}
