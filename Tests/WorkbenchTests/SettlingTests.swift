import Evaluation
import Recipes
import Search
import Session
import TensorCore
import TerminalUI
import Testing
import Workbench

/// What may still move looks it; what failed says so.
@Suite("Settling")
struct SettlingTests {
  private func bench(width: Int = 120, height: Int = 36) -> TestBench {
    var bench = TestBench(width: width, height: height)
    bench.settle()
    return bench
  }

  /// How often a character stands on the chart, without its legend.
  private func count(_ glyph: Character, _ bench: TestBench) -> Int {
    bench.screen.lines.dropLast(4).joined().count { $0 == glyph }
  }

  @Test func aReadingThatMayMoveIsHollowAndNotOnTheFront() {
    var bench = bench()
    bench.press(.shiftRight)
    bench.read(accuracy: 0.99)
    #expect(count("◇", bench) == 1 && count("◆", bench) == 0)
    #expect(bench.text.contains("not settled 1"))
    #expect(bench.text.contains("99.0 %…"))
    // Better and smaller than the original, but nothing is joined to it yet.
    #expect(!bench.screen.lines.joined().contains("◇⣀") && !bench.screen.lines.joined().contains("◇⠉"))
    bench.settle(accuracy: 0.99)
    #expect(count("◆", bench) == 1 && count("◇", bench) == 0)
    #expect(!bench.text.contains("not settled") && !bench.text.contains("99.0 %…"))
  }

  /// The line through a hollow point is as long as the interval of its score.
  @Test func theIntervalIsDrawn() {
    let point = ScatterPoint(x: 1, y: 0.5, spread: 0.25...0.75)
    let chart = ScatterChart(
      points: [point, ScatterPoint(x: 0, y: 0), ScatterPoint(x: 2, y: 1)],
      yAxis: AxisLabel(format: .percent))
    var canvas = Canvas(width: 41, height: 19)
    canvas.draw(chart)
    let rows = canvas.lines.indices.filter { y in
      canvas.lines[y].contains { $0 == "◦" || ("\u{2801}"..."\u{28FF}").contains($0) }
    }
    #expect((8...10).contains(rows.count), "\(canvas.text)")
    #expect(canvas.text.contains("◦"))
  }

  @Test func whatWasLeftIsFinishedOnceThereIsTime() throws {
    var bench = bench()
    bench.press(.shiftRight)
    bench.read()
    bench.press(.shiftRight)
    _ = bench.takeEffects()
    bench.settle()
    #expect(
      bench.takeEffects().contains(
        .measure(request: bench.state.request, bench.state.history.variants[1].recipe)))
    #expect(bench.text.contains("P20: settled; finishing P10"))
    bench.settle()
    #expect(bench.state.history.variants.allSatisfy { $0.measurement?.stage == .settled })
    #expect(bench.text.contains("P20: settled") && !bench.text.contains("finishing"))
  }

  /// It was passed over before anything was seen of it: it is no point of the chart.
  @Test func whatWasNeverSeenIsDropped() {
    var bench = bench()
    bench.press(.shiftRight, .shiftRight)
    bench.settle()
    #expect(bench.state.measuring == nil && bench.state.plotted.count == 2)
  }

  @Test(arguments: [(80, 24), (120, 36)]) func aFailureStays(width: Int, height: Int) {
    var bench = bench(width: width, height: height)
    bench.press(.shiftRight)
    bench.fail("no kernel")
    for _ in 0..<3 {
      #expect(bench.text.contains("failed: no"))
      #expect(!bench.text.contains("measuring..."))
      bench.press("n", .escape)
    }
    bench.press("a")
    #expect(bench.text.contains("could not be measured: no kernel"))
    // Asked for again, it is tried again.
    bench.press(.escape, "M")
    #expect(bench.text.contains("measuring..."))
    bench.settle()
    #expect(!bench.text.contains("failed"))
  }

  /// Failing is no reason to go on for ever.
  @Test func whatFailedWhileItWasFinishedIsLeft() {
    var bench = bench()
    bench.press(.shiftRight)
    bench.read()
    bench.press(.shiftRight)
    bench.settle()
    bench.fail("no kernel")
    #expect(bench.state.measuring == nil)
    #expect(bench.state.notices.entries.last?.notice.text == "no kernel")
  }

  @Test func aSweepEndsWithTheCurrentVariantMeasured() {
    var bench = bench()
    bench.press(.shiftRight)
    _ = bench.takeEffects()
    bench.press("b", "s")
    #expect(bench.text.contains("sweep of weight bits, whole model, beside P10: 1 of 10; Esc stops it"))
    for turn in 0..<20 {
      if turn == 3 { bench.fail("no kernel") } else { bench.settle() }
    }
    #expect(
      bench.state.notice?.text
        == "Sweep of weight bits, whole model, beside P10: 10 of 10 configurations tried, 1 could "
        + "not be measured (n tells why); the whole range was tried")
    #expect(bench.state.current.measurement?.stage == .settled && bench.state.measuring == nil)
  }

  @Test func aSweepSaysWhatEndedIt() {
    for (keys, reason) in [
      ([KeyEvent.escape], "Esc stopped it"), ([.right], "another configuration was asked for"),
    ] {
      var bench = bench()
      bench.press("s")
      bench.settle()
      for key in keys { bench.press(key) }
      #expect(bench.state.sweep == nil)
      #expect(
        bench.state.notice?.text == "Sweep of prune, whole model: 2 of 11 configurations tried; \(reason)")
    }
  }

  @Test func aChangeHasItsPairedInterval() {
    var bench = bench()
    bench.press(.shiftRight)
    bench.settle(accuracy: 0.94)
    #expect(bench.text.contains("-1.0 pt ±0.5"))
    #expect(bench.text.contains("1.1x faster ±0.02"))
  }

  /// -1.0 ±0.5: the loss may be 1.5 points.
  @Test(arguments: [("1.5", "within -1.5 pt"), ("1", "unclear -1.0 pt"), ("0.4", "beyond -0.4 pt")])
  func theBudgetIsHeldAgainstTheEndOfTheInterval(points: String, verdict: String) {
    var bench = bench()
    bench.press(.shiftRight)
    bench.settle(accuracy: 0.94)
    bench.run("budget \(points)")
    #expect(bench.text.contains(verdict))
    bench.run("budget none")
    #expect(!bench.text.contains(verdict))
  }

  @Test func aLayerThatCannotBeProbedSaysWhy() {
    var bench = bench()
    let probes = bench.state.openProbes
    bench.send(.probeFailed(probes[0], "no rule for it"))
    #expect(bench.state.openProbes.count == probes.count - 1)
  }
}
