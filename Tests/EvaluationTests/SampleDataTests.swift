import Evaluation
import GraphIR
import TensorCore
import Testing

@Suite struct SampleDataTests {
  @Test func calibrationNeverTakesEvaluationData() throws {
    let graph = try TestModels.classifier().graph
    let x = try TestModels.inputs(samples: 20, features: 16)
    let evaluation = TestModels.data(x, task: .fidelity, targets: nil)
    let calibration = TestModels.data(x, task: .fidelity, targets: nil, split: .calibration)
    let training = TestModels.data(x, task: .fidelity, targets: nil, split: .train)
    #expect(throws: EvaluationError.self) { try CalibrationData(evaluation, for: graph) }
    #expect(throws: EvaluationError.self) { try EvaluationData(calibration, for: graph) }
    #expect(throws: EvaluationError.self) { try EvaluationData(training, for: graph) }
    #expect(try CalibrationData(calibration, for: graph).count == 20)
    #expect(try CalibrationData(training, for: graph).count == 20)
    #expect(try EvaluationData(evaluation, for: graph).count == 20)
  }

  @Test func dataThatDoesNotFitIsNamed() throws {
    let graph = try TestModels.classifier().graph
    let wrong = TestModels.data(
      try TestModels.inputs(samples: 4, features: 15), task: .fidelity, targets: nil)
    #expect(
      throws: EvaluationError.inputShape(name: "x", expected: "float32[N, 16]", found: [4, 15])
    ) { try EvaluationData(wrong, for: graph) }
    let empty = TestModels.data(
      try TestModels.inputs(samples: 0, features: 16), task: .fidelity, targets: nil)
    #expect(throws: EvaluationError.noSamples(data: "made")) { try EvaluationData(empty, for: graph) }
    let missing = Dataset(
      name: "made", split: .evaluation, task: .fidelity,
      inputs: ["z": try TestModels.inputs(samples: 4, features: 16)],
      targets: nil)
    #expect(throws: EvaluationError.missingInput(name: "x", found: ["z"])) {
      try EvaluationData(missing, for: graph)
    }
  }
}

@Suite struct DeflateTests {
  /// Python: len(zlib.compress(bytes(i * i % 251 for i in range(200000)), 6)) is 1097, and of 1 MiB of zeros 1039.
  @Test func agreesWithZlib() throws {
    #expect(try Deflate.byteCount(of: (0..<200_000).map { UInt8($0 * $0 % 251) }) == 1097)
    #expect(try Deflate.byteCount(of: [UInt8](repeating: 0, count: 1 << 20)) == 1039)
    #expect(try Deflate.byteCount(of: [UInt8]()) == 8)
  }
}
