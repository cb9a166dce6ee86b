import Compression
import Evaluation
import Foundation
import TensorCore
import Testing

@Suite struct DivergenceTests {
  private static func evaluator() throws -> Evaluator {
    let model = try TestModels.linear([[4, 0, 0, 0], [0, 3, 0, 0], [0, 0, 2, 0], [0, 0, 0, 1]])
    let calibration = TestModels.data(
      try TestModels.inputs(samples: 40, features: 4, seed: 5), task: .fidelity, targets: nil,
      split: .calibration)
    let data = TestModels.data(
      try TestModels.inputs(samples: 20, features: 4), task: .fidelity, targets: nil)
    return Evaluator(
      try Experiment(model: model, evaluation: data, calibration: calibration, options: .small), meter: nil)
  }

  @Test func theOriginalDoesNotDivergeFromItself() async throws {
    let reading = try await Self.evaluator().divergence(of: .identity)
    #expect(reading == DivergenceReading(relativeError: 0, changedAnswers: 0, samples: 40, data: "made"))
  }

  @Test func theErrorIsThatOfTheOutputs() async throws {
    // Half of 16 weights go, zeros first: the diagonal stays. Fourteen of 16 leave the 4 and the 3.
    let evaluator = try Self.evaluator()
    #expect(try await evaluator.divergence(of: .pruned(0.5)).relativeError == 0)
    let reading = try await evaluator.divergence(of: .pruned(0.875))
    let values = try TestModels.inputs(samples: 40, features: 4, seed: 5).floats.map(Double.init)
    var (lost, all) = (0.0, 0.0)
    for row in 0..<40 {
      for (column, factor) in [4.0, 3, 2, 1].enumerated() {
        let term = pow(factor * values[row * 4 + column], 2)
        all += term
        if column >= 2 { lost += term }
      }
    }
    #expect(abs(reading.relativeError - (lost / all).squareRoot()) < 1e-6)
    #expect((reading.changedAnswers ?? 0) > 0)
  }

  @Test func cancellingStopsIt() async throws {
    let evaluator = try Self.evaluator()
    let task = Task {
      while !Task.isCancelled { await Task.yield() }
      return try await evaluator.divergence(of: .pruned(0.5))
    }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
  }
}
