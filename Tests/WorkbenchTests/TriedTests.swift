import Evaluation
import Recipes
import TerminalUI
import Testing
import Workbench

@Suite("Tried screen")
struct TriedTests {
  /// The original, P10, P20 and P30, of which P20 is the most accurate; P30 is in hand.
  private func bench(width: Int = 120, height: Int = 36) -> TestBench {
    var bench = TestBench(width: width, height: height)
    bench.settle()
    for accuracy in [0.91, 0.94, 0.90] {
      bench.press(.shiftRight)
      bench.settle(accuracy: accuracy)
    }
    bench.press("a")
    return bench
  }

  /// The recipes in the order of the rows.
  private func recipes(_ bench: TestBench) -> [String] {
    bench.screen.lines.compactMap { line in
      line.split(separator: " ").map(String.init).first {
        $0 == "original" || $0.wholeMatch(of: /P\d+/) != nil
      }
    }
  }

  private func sorting(by label: String, times: Int = 1) -> TestBench {
    var bench = bench(width: 200)
    for _ in 0..<20 where !bench.screen.lines[1].contains("[\(label)") { bench.press(.right) }
    for _ in 0..<times { bench.press("s") }
    return bench
  }

  @Test func aRowForEachConfigurationTheOriginalFirst() {
    let bench = bench()
    #expect(bench.text.contains("paretop: tried"))
    #expect(recipes(bench).prefix(4) == ["original", "P10", "P20", "P30"])
    #expect(bench.screen.lines.contains { $0.hasPrefix("▸") && $0.contains("P30") })
  }

  @Test func sortingKeepsTheOriginalFirst() {
    #expect(recipes(sorting(by: "accuracy")).prefix(4) == ["original", "P20", "P10", "P30"])
    #expect(recipes(sorting(by: "accuracy", times: 2)).prefix(4) == ["original", "P30", "P10", "P20"])
    // Of a size the smaller is the better one.
    #expect(recipes(sorting(by: "size")).prefix(4) == ["original", "P30", "P20", "P10"])
    #expect(recipes(sorting(by: "recipe", times: 2)).prefix(4) == ["original", "P30", "P20", "P10"])
  }

  @Test(arguments: [1, 2]) func whatIsNotMeasuredComesLast(times: Int) {
    var bench = bench(width: 200)
    bench.press("<", .shiftRight, "a")
    for _ in 0..<20 where !bench.screen.lines[1].contains("[accuracy") { bench.press(.right) }
    for _ in 0..<times { bench.press("s") }
    #expect(recipes(bench)[4] == "P40" && bench.text.contains("4..."))
  }

  /// On any width each figure comes into sight, and the whole of its values.
  @Test(arguments: [60, 80, 120, 200]) func everyFigureCanBeReached(width: Int) {
    var bench = bench(width: width)
    var seen = bench.text
    for figure in Figure.all {
      for _ in 0..<20 where !bench.screen.lines[1].contains("[\(figure.label)]") { bench.press(.right) }
      #expect(bench.screen.lines[1].contains("[\(figure.label)]"), "\(figure.key)")
      seen += bench.text
    }
    #expect(!seen.split(separator: "\n").filter { $0.contains("P10") }.joined().contains("…"))
    #expect(seen.contains("~1.80 uJ") && seen.contains("[change] difference of accuracy: Paired"))
  }

  @Test func enterTakesARecipeUpAgain() {
    var bench = bench()
    bench.press(.up, .up, .enter)
    #expect(bench.state.recipe.summary == "P10" && bench.text.contains("paretop: explore"))
    bench.press("a", .home, .enter)
    #expect(bench.state.recipe == .identity)
    bench.press("a", .escape)
    #expect(bench.text.contains("paretop: explore"))
  }

  @Test func theMouseSelectsTakesUpAndSorts() throws {
    var bench = bench()
    let row = try #require(bench.screen.lines.firstIndex { $0.contains("P10") })
    bench.press(.mouse(.press, x: 9, y: row))
    #expect(bench.text.contains("1: P10; settled"))
    bench.press(.mouse(.press, x: 9, y: row))
    #expect(bench.state.recipe.summary == "P10")
    bench.press("a")
    let titles = bench.screen.lines[1]
    let x = try #require(titles.range(of: "size")).lowerBound
    bench.press(.mouse(.press, x: titles.distance(from: titles.startIndex, to: x), y: 1))
    #expect(bench.screen.lines[1].contains("[size▼]"))
  }

  @Test func everySizeIsDrawn() {
    for (width, height) in [(60, 16), (80, 24), (100, 30), (250, 70)] {
      #expect(bench(width: width, height: height).text.contains("P30"), "\(width)x\(height)")
    }
  }
}
