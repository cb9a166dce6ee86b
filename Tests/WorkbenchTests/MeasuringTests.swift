import Compression
import Evaluation
import Foundation
import Recipes
import Search
import Session
import TerminalUI
import Testing
import Workbench

/// What is asked of the engine, and what its answers change.
@Suite("Measuring")
struct MeasuringTests {
  @Test func startsByMeasuringTheOriginal() {
    var bench = TestBench()
    #expect(bench.takeEffects() == [.measure(request: 1, .identity)])
  }

  @Test func aKnobTurnAsksForANewMeasurement() {
    var bench = TestBench()
    bench.settle()
    _ = bench.takeEffects()
    bench.press(.right)
    #expect(bench.state.recipe.model.prune == 0.01)
    #expect(bench.takeEffects() == [.measure(request: 2, bench.state.recipe)])
  }

  @Test func whatAnEarlierSessionMeasuredIsSaid() {
    var bench = TestBench()
    bench.settle()
    bench.press(.right)
    var readings = Readings.sample(of: bench.state.recipe, accuracy: 0.9)
    // The test bench's clock stands at the epoch.
    readings.measured = Date(timeIntervalSince1970: -7_200)
    bench.send(.reading(request: bench.state.request, readings))
    #expect(bench.text.contains("P1: settled 2 hours ago, in an earlier session"))
    bench.press(.character("u"), .character("U"))
    #expect(bench.text.contains("P1: settled 2 hours ago, in an earlier session"))
    _ = bench.takeEffects()
    bench.press(.character("M"))
    #expect(bench.takeEffects() == [.measure(request: bench.state.request, bench.state.recipe, again: true)])
    bench.settle()
    #expect(bench.text.contains("P1: settled") && !bench.text.contains("earlier"))
  }

  @Test func layersAreProbedWhileNothingIsMeasured() throws {
    var bench = TestBench()
    bench.settle()
    let effect = try #require(bench.takeEffects().last)
    guard case .probe(let probes) = effect else {
      Issue.record("expected probes, found \(effect)")
      return
    }
    #expect(probes.count == 9)
    #expect(probes.prefix(3).allSatisfy { $0.knob == .prune && $0.amount == .number(0.5) })
    for (index, probe) in probes.prefix(3).enumerated() {
      let error = [0.01, 0.2, 0.4][index]
      bench.send(
        .probed(
          probe, DivergenceReading(relativeError: error, changedAnswers: 0.5, samples: 64, data: "digits")))
    }
    #expect(bench.text.contains("prune 50 % in this layer alone: 50.0 %"))
    bench.press(.character("b"))
    #expect(!bench.text.contains("in this layer alone"))
    bench.press(.left)
    bench.settle()
    guard case .probe(let others) = bench.takeEffects().last else {
      Issue.record("the other knobs are still to be probed")
      return
    }
    // Bits first, now at the recipe's 16.
    #expect(others.count == 6 && others[0].knob == .weightBits && others[0].amount == .word("16"))
  }

  @Test func slowMethodsSayWhereTheyAre() {
    var bench = TestBench()
    bench.settle()
    bench.press(.right)
    let progress = CompressionProgress(method: "gptq", layer: "/fc1/Gemm", index: 1, count: 3)
    bench.send(.compressing(request: bench.state.request, progress))
    #expect(bench.text.contains("gptq, layer 2 of 3 (/fc1/Gemm)"))
    bench.press(.right)
    #expect(!bench.text.contains("gptq"))
    bench.send(.compressing(request: bench.state.request - 1, progress))
    #expect(!bench.text.contains("gptq"))
  }

  @Test func readingsOfACancelledMeasurementAreDropped() {
    var bench = TestBench()
    bench.settle()
    bench.press(.right)
    let stale = bench.state.request
    bench.press(.right)
    bench.send(.reading(request: stale, .sample(of: .identity, accuracy: 0.1)))
    #expect(bench.state.measurement == nil)
  }

  @Test func aVisitedConfigurationIsNotMeasuredAgain() {
    var bench = TestBench()
    bench.settle()
    bench.press(.right)
    bench.settle()
    _ = bench.takeEffects()
    bench.press(.character("u"))
    #expect(bench.takeEffects().first == .stopMeasuring)
  }

  @Test func aFailedMeasurementIsSaidAndLosesNothing() {
    var bench = TestBench()
    bench.settle()
    bench.press(.right)
    bench.send(.measurementFailed(request: bench.state.request, "layer fc1 cannot run: because"))
    #expect(bench.text.contains("layer fc1 cannot run: because"))
    #expect(bench.text.contains("failed:"))
    #expect(!bench.text.contains("measuring...") && !bench.text.contains("computing..."))
    bench.press(.character("u"))
    #expect(bench.state.recipe == .identity)
  }

  @Test func aSweepMeasuresTheRangeAndComesBack() {
    var bench = TestBench()
    bench.settle()
    bench.press(.character("b"), .character("s"))
    for _ in 0..<20 { bench.settle() }
    #expect(bench.state.sweep == nil)
    #expect(bench.state.plotted.count == WeightPrecision.allCases.count)
    #expect(bench.state.recipe == .identity)
  }

  @Test func escapeStopsASweep() {
    var bench = TestBench()
    bench.settle()
    bench.press(.character("s"))
    bench.settle()
    bench.press(.escape)
    #expect(bench.state.sweep == nil)
    #expect(bench.text.contains("Esc stopped it"))
  }

  @Test func aHangUpSavesAndQuits() {
    var bench = TestBench()
    _ = bench.takeEffects()
    bench.press(.hangup)
    #expect(bench.takeEffects() == [.save(bench.state.history), .quit])
  }

  @Test func anEarlierSessionIsTakenUp() {
    var saved = TestBench()
    saved.settle()
    saved.press(.shiftRight)
    saved.settle()
    var bench = TestBench()
    bench.send(.sessionFound(saved.state.history, age: "1 hour ago"))
    #expect(bench.text.contains("welcome back"))
    bench.press(.enter)
    #expect(bench.state.recipe.model.prune == 0.1)
    #expect(bench.takeEffects().contains(.takeUpSession))
  }

  @Test func anEarlierSessionDoesNotInterruptWork() {
    var bench = TestBench()
    bench.settle()
    bench.press(.right)
    bench.send(.sessionFound(bench.state.history, age: "1 hour ago"))
    #expect(bench.state.overlay == nil)
  }
}
