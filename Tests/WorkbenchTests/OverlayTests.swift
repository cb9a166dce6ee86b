import Compression
import Evaluation
import Recipes
import TerminalUI
import Testing
import Workbench

@Suite("Overlays")
struct OverlayTests {
  private func bench(_ keys: [KeyEvent], width: Int = 120, height: Int = 36) -> TestBench {
    var bench = TestBench(width: width, height: height)
    bench.settle()
    for key in keys { bench.press(key) }
    return bench
  }

  @Test func helpAndCompareCloseOnAnyOtherKey() {
    for key: KeyEvent in ["?", "c"] {
      for closing: KeyEvent in [.escape, "q", "x", .enter] {
        var bench = bench([key])
        #expect(bench.state.overlay != nil)
        bench.press(closing)
        #expect(bench.state.overlay == nil, "\(key.name) \(closing.name)")
        #expect(!bench.takeEffects().contains(.quit))
      }
    }
  }

  @Test func helpScrollsToItsEndAndBack() {
    var bench = bench(["?"], height: 24)
    let start = bench.text
    for _ in 0..<20 { bench.press(.pageDown) }
    let end = bench.text
    #expect(end.contains("named under the chart."))
    bench.press(.up)
    #expect(bench.text != end)
    for _ in 0..<100 { bench.press(.mouse(.wheelUp, x: 40, y: 10)) }
    #expect(bench.text == start)
  }

  @Test func compareScrollsOnlyWhereColumnsAreHidden() {
    var bench = bench([], width: 60, height: 24)
    for _ in 0..<4 {
      bench.press(.shiftRight)
      bench.settle()
      bench.press("m")
    }
    bench.press("c")
    #expect(bench.text.contains("←→ more columns  any other key closes"))
    #expect(!bench.text.contains("P40 │"))
    for _ in 0..<9 { bench.press(.right) }
    #expect(bench.text.contains("P40 │"))
  }

  /// However many figures there are, each can be read.
  @Test(arguments: [16, 24, 60]) func compareShowsEveryFigure(height: Int) {
    var bench = bench(["c"], width: 60, height: height)
    var seen = bench.text
    for _ in 0..<40 {
      bench.press(.down)
      seen += bench.text
    }
    for figure in Figure.all { #expect(seen.contains("\(figure.label) "), "\(figure.key)") }
  }

  @Test func themesAreSeenWhileChosen() {
    var bench = bench(["T"])
    _ = bench.takeEffects()
    bench.press(.down, .down, .down, "k")
    #expect(bench.takeEffects() == [.setTheme("light"), .setTheme("plain"), .setTheme("light")])
    bench.press(.enter)
    #expect(bench.state.overlay == nil && bench.state.appearance.theme == "light")
    #expect(bench.state.notices.entries.map(\.notice.text) == ["Theme light"])
  }

  @Test(arguments: [KeyEvent.escape, "q"]) func escapeReturnsToTheThemeBefore(key: KeyEvent) {
    var bench = bench(["T", .down])
    _ = bench.takeEffects()
    bench.press(key)
    #expect(bench.state.overlay == nil && bench.state.appearance.theme == "dark")
    #expect(bench.takeEffects() == [.setTheme("dark")] && !bench.state.appearance.isThemeChosen)
  }

  @Test func escapeLeavesTheFilterAsItWas() {
    var bench = bench(["/"])
    bench.type("fc")
    bench.press(.enter, "/")
    bench.type("2")
    #expect(bench.state.visibleLayers.count == 1)
    bench.press(.escape)
    #expect(bench.state.visibleLayers.count == 2)
  }

  @Test func choicesAreChosenByMouse() throws {
    var bench = bench([.down, .enter])
    let second = PruningCriterion.allCases[1].label
    let row = try #require(bench.screen.lines.lastIndex { $0.contains("│   \(second)") })
    bench.press(.mouse(.press, x: 60, y: row))
    #expect(bench.state.recipe == .identity && bench.text.contains("▸ \(second)"))
    bench.press(.mouse(.press, x: 60, y: row))
    #expect(bench.state.overlay == nil)
    #expect(bench.state.recipe.model.criterion == PruningCriterion.allCases[1])
  }

  @Test func thePaletteCompletesAndShowsWhatFollows() {
    var bench = bench([":"])
    bench.type("crit")
    bench.press(.tab)
    #expect(bench.text.contains(":criterion ") && bench.text.contains("magnitude wanda"))
    // What takes an argument is asked for it; without one it does what its key does.
    bench.press(.escape, "b", ":")
    bench.type("prune")
    bench.press(.enter)
    #expect(bench.text.contains(":prune ") && bench.state.knob == .weightBits)
    bench.press(.enter)
    #expect(bench.state.overlay == nil && bench.state.knob == .prune && bench.state.recipe == .identity)
  }

  @Test func theFilterShowsWhatIsTypedAndEscapeTakesItAway() {
    var bench = bench(["/"])
    bench.type("fc")
    #expect(bench.state.visibleLayers.count == 2)
    #expect(bench.text.contains("layers /fc"))
    bench.press(.backspace, .backspace)
    bench.type("q?")
    #expect(bench.state.visibleLayers.isEmpty)
    bench.press(.escape)
    #expect(bench.state.visibleLayers.count == 3 && bench.state.overlay == nil)
  }

  @Test func anEarlierSessionIsLeft() {
    let saved = bench([.shiftRight])
    for (key, quits) in [(KeyEvent.escape, false), ("n", false), ("q", true)] {
      var bench = TestBench()
      bench.send(.sessionFound(saved.state.history, age: "1 hour ago"))
      bench.press("x")
      #expect(bench.text.contains("welcome back"))
      _ = bench.takeEffects()
      bench.press(key)
      #expect(bench.state.recipe == .identity)
      #expect(bench.takeEffects().contains(.quit) == quits)
    }
  }
}

@Suite("Mouse")
struct MouseTests {
  private func bench() -> TestBench {
    var bench = TestBench()
    bench.settle()
    bench.press(.shiftRight)
    bench.settle()
    return bench
  }

  @Test func clicksSelectKnobsAndListTheirChoices() throws {
    var bench = bench()
    let row = try #require(bench.screen.lines.firstIndex { $0.contains("  weight bits") })
    bench.press(.mouse(.press, x: 4, y: row))
    #expect(bench.state.knob == .weightBits)
    let again = try #require(bench.screen.lines.firstIndex { $0.contains("▸ weight bits") })
    bench.press(.mouse(.press, x: 4, y: again))
    #expect(bench.text.contains("Enter sets"))
    bench.press(.escape, .mouse(.press, x: 4, y: 2))
    #expect(bench.state.scope == .layer("/conv1/Conv"))
  }

  @Test func theWheelTurnsTheKnobAndWalksTheLayers() throws {
    var bench = bench()
    bench.press(.mouse(.wheelUp, x: 4, y: 4))
    #expect(bench.state.recipe.model.prune == 0.11)
    let row = try #require(bench.screen.lines.firstIndex { $0.contains("conv1") })
    bench.press(.mouse(.wheelDown, x: 4, y: row))
    #expect(bench.state.selectedLayer?.name == "/fc1/Gemm")
    #expect(bench.state.keySections.first?.name == "layers")
    bench.press(.mouse(.press, x: 4, y: row + 2))
    #expect(bench.state.selectedLayer?.name == "/fc2/Gemm")
  }

  @Test func aSecondClickOnAPointReturnsToIt() throws {
    var bench = bench()
    let row = try #require(bench.screen.lines.firstIndex { $0.contains("○") })
    let column = try #require(Array(bench.screen.lines[row]).lastIndex(of: "○"))
    let click = KeyEvent.mouse(.press, x: column, y: row)
    bench.press(click)
    #expect(bench.state.recipe.model.prune == 0.1 && bench.state.keySections.first?.name == "pareto")
    bench.press(click)
    #expect(bench.state.recipe == .identity)
  }
}
