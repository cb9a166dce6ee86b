import Compression
import Evaluation
import Recipes
import Session
import TensorCore
import TerminalUI
import Testing
import Workbench

/// Knobs, layers and chart, by key.
@Suite("Explore screen")
struct ExploreTests {
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

  @Test func nothingHappensAtTheEndOfARange() {
    var bench = TestBench()
    bench.settle()
    _ = bench.takeEffects()
    bench.press(.left)
    #expect(bench.takeEffects().isEmpty)
    #expect(bench.text.contains("end of this knob's range"))
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

  /// Percent of answers that change, in every layer, at the amount in hand; where there are no answers, the error.
  @Test func hurtIsAnAbsoluteAmount() {
    for (changed, cells) in [
      ([0.0, 0.016, 0.25], ["0.0", "1.6", "25"]), ([nil, nil, nil], ["1.0", "3.0", "200"]),
    ] {
      var bench = TestBench()
      bench.settle()
      for (index, probe) in bench.state.openProbes.filter({ $0.knob == .prune }).enumerated() {
        bench.send(
          .probed(
            probe,
            DivergenceReading(
              relativeError: [0.01, 0.03, 2][index], changedAnswers: changed[index], samples: 64,
              data: "digits")))
      }
      let rows = bench.screen.lines.filter { line in
        ["conv1", "fc1", "fc2"].contains { line.hasPrefix("│\($0) ") }
      }
      let found = rows.prefix(3).compactMap {
        $0.split(separator: "│").first?.split(separator: " ").last.map(String.init)
      }
      #expect(found == cells, "\(rows)")
      // The most hurt first, and the cursor stays with its layer.
      bench.press(.tab, "o")
      let sorted = bench.state.visibleLayers.map(\.shortName)
      #expect(sorted == ["fc2", "fc1", "conv1"])
      #expect(bench.state.selectedLayer?.shortName == "conv1" && bench.text.contains("layers by hurt"))
      bench.press("o", "o", "o")
      #expect(bench.state.visibleLayers.map(\.shortName) == ["conv1", "fc1", "fc2"])
    }
  }

  @Test func theLayerShowsWhatIsAskedOfIt() {
    var bench = TestBench(width: 120, height: 50)
    bench.settle()
    bench.press(.shiftRight, .tab, .down, .enter, "b", .left, .left)
    bench.settle()
    bench.press("i")
    #expect(bench.text.contains("/fc1/Gemm"))
    #expect(bench.text.contains("prune             10 %"))
    #expect(bench.text.contains("weight bits       8, this layer's own"))
    bench.press(.right)
    #expect(bench.text.contains("/fc2/Gemm") && !bench.text.contains("this layer's own"))
  }

  /// Where the arrows walk points, + and - still turn the knob in hand.
  @Test func theKnobTurnsWhereverTheFocusIs() {
    for panel in 0...2 {
      var bench = TestBench()
      bench.settle()
      for _ in 0..<panel { bench.press(.tab) }
      bench.press("+", "+", "-", "*")
      #expect(bench.state.recipe.model.prune == 0.11)
    }
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
}
