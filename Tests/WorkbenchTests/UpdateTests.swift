import Compression
import Evaluation
import Foundation
import Recipes
import Search
import Session
import TensorCore
import TerminalUI
import Testing
import Workbench

@Suite("Update")
struct UpdateTests {
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

  @Test func theChartsAxisIsAnyFigure() {
    var bench = TestBench()
    bench.settle()
    for figure in Figure.axes.dropFirst() + Figure.axes.prefix(1) {
      bench.press(.character("x"))
      #expect(bench.state.axis == figure)
      #expect(bench.text.contains("accuracy against \(figure.title)"))
    }
    for figure in Figure.all {
      bench.press(.character(":"))
      bench.type("axis \(figure.key)")
      bench.press(.enter)
      #expect(bench.state.axis == figure && bench.state.plotted.count == 1, "\(figure.key)")
    }
  }

  @Test func anAxisWithoutValuesIsPassedOver() {
    var bench = TestBench()
    var readings = Readings.sample(of: .identity, accuracy: 0.95)
    readings.energy = nil
    bench.send(.reading(request: bench.state.request, readings))
    bench.press(.character("x"), .character("x"))
    #expect(bench.state.axis.key == "executed-multiply-adds")
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
    #expect(bench.text.contains("████"))
    #expect(bench.text.contains("prune 50 % here alone: output error"))
    bench.press(.character("b"))
    #expect(!bench.text.contains("here alone"))
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

  @Test func enterListsTheChoicesOfAMethodWithTheirSources() {
    var bench = TestBench()
    bench.settle()
    bench.press(.down, .enter)
    #expect(bench.text.contains("criterion") && bench.text.contains("arXiv:1506.02626"))
    bench.press(.down, .enter)
    #expect(bench.state.overlay == nil)
    #expect(bench.state.recipe.model.criterion == PruningCriterion.allCases[1])
    bench.press(.enter, .escape)
    #expect(bench.state.recipe.model.criterion == PruningCriterion.allCases[1])
  }

  @Test func theMethodsOfTheKnobInHandAreShown() {
    var bench = TestBench()
    #expect(
      bench.state.knobRows.contains(Setting(\.criterion))
        && !bench.state.knobRows.contains(Setting(\.symmetry)))
    bench.press(.character("b"))
    #expect(
      !bench.state.knobRows.contains(Setting(\.criterion))
        && bench.state.knobRows.contains(Setting(\.symmetry)))
    // Every setting can be reached with the arrows alone.
    bench.press(.home)
    var seen: [Setting] = [bench.state.knob]
    for _ in 0..<40 {
      bench.press(.down)
      if bench.state.knob != seen.last { seen.append(bench.state.knob) }
    }
    #expect(seen == Setting.allCases)
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

  @Test func undoReturnsToTheStepBefore() {
    var bench = TestBench()
    bench.settle()
    bench.press(.shiftRight)
    bench.settle()
    bench.press(.character("b"), .left)
    bench.settle()
    bench.press(.character("u"))
    #expect(bench.state.recipe.model.prune == 0.1)
    #expect(bench.state.recipe.model.weightBits == .float32)
    bench.press(.character("u"), .character("u"))
    #expect(bench.state.recipe == .identity)
    #expect(bench.state.notice != nil)
    bench.press(.character("U"), .character("U"))
    #expect(bench.state.recipe.model.weightBits == .float16)
  }

  /// A step passed over in a fast turn was never seen: undo does not stop there.
  @Test func undoSkipsStepsThatWereNeverMeasured() {
    var bench = TestBench()
    bench.settle()
    bench.press(.right, .right, .right)
    bench.settle()
    bench.press(.character("u"))
    #expect(bench.state.recipe == .identity)
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

  @Test func nothingHappensAtTheEndOfARange() {
    var bench = TestBench()
    bench.settle()
    _ = bench.takeEffects()
    bench.press(.left)
    #expect(bench.takeEffects().isEmpty)
    #expect(bench.text.contains("end of this knob's range"))
  }

  @Test func marksAreToggledAndCompared() {
    var bench = TestBench()
    bench.settle()
    bench.press(.shiftRight)
    bench.settle(accuracy: 0.9)
    bench.press(.character("m"))
    #expect(bench.state.current.mark?.letter == "A")
    bench.press(.character("c"))
    #expect(bench.text.contains("compare"))
    #expect(bench.text.contains("original"))
    #expect(bench.text.contains("-5.0 pt"))
    bench.press(.escape, .character("m"))
    #expect(bench.state.current.mark == nil)
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
    #expect(bench.text.contains("Sweep stopped"))
  }

  @Test func aFailedMeasurementIsSaidAndLosesNothing() {
    var bench = TestBench()
    bench.settle()
    bench.press(.right)
    bench.send(.measurementFailed(request: bench.state.request, "layer fc1 cannot run: because"))
    #expect(bench.text.contains("layer fc1 cannot run: because"))
    bench.press(.character("u"))
    #expect(bench.state.recipe == .identity)
  }

  @Test func layerScopeTurnsOneLayer() {
    var bench = TestBench()
    bench.settle()
    bench.press(.tab, .down, .enter)
    #expect(bench.state.scope == .layer("/fc1/Gemm"))
    bench.press(.character("b"), .left, .left)
    #expect(bench.state.recipe.settings(for: "/fc1/Gemm").weightBits == .quantized(.int8))
    #expect(bench.state.recipe.model.weightBits == .float32)
  }

  @Test func theFilterNarrowsTheLayers() {
    var bench = TestBench()
    bench.press(.character("/"))
    bench.type("conv")
    bench.press(.enter)
    #expect(bench.state.visibleLayers.map(\.name) == ["/conv1/Conv"])
    bench.press(.escape)
    #expect(bench.state.visibleLayers.count == 3)
  }

  @Test func theChartReturnsToAPoint() {
    var bench = TestBench()
    bench.settle()
    bench.press(.shiftRight)
    bench.settle()
    bench.press(.tab, .tab, .end, .enter)
    #expect(bench.state.recipe == .identity)
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

@Suite("Palette")
struct PaletteTests {
  private func after(_ command: String) -> TestBench {
    var bench = TestBench()
    bench.settle()
    bench.press(.character(":"))
    bench.type(command)
    bench.press(.enter)
    return bench
  }

  @Test func setsTheKnobs() {
    #expect(after("prune 50").state.recipe.model.prune == 0.5)
    #expect(after("rank 25").state.recipe.model.rank == 0.25)
    #expect(after("bits 1.58").state.recipe.model.weightBits == .quantized(.ternary))
    #expect(after("pruning structured-l2").state.recipe.model.pattern == .channels)
    #expect(after("scope fc1").state.scope == .layer("/fc1/Gemm"))
  }

  @Test(arguments: ["prune 100", "prune x", "bits 7", "rank 0", "scope nowhere", "theme none", "nonsense"])
  func refusesWithTheWayOut(command: String) {
    let bench = after(command)
    #expect(bench.state.recipe == .identity)
    #expect(bench.state.notice?.kind == .problem)
  }

  @Test func changesTheTheme() {
    var bench = after("theme light")
    #expect(bench.state.appearance.theme == "light")
    #expect(bench.takeEffects().contains(.setTheme("light")))
  }
}
