import Evaluation
import TerminalUI
import Testing
import Workbench

@Suite("Notices")
struct NoticesTests {
  private func bench(width: Int = 80, height: Int = 24) -> TestBench {
    var bench = TestBench(width: width, height: height)
    bench.settle()
    return bench
  }

  @Test func everySentenceIsKeptAndTheNewestComesFirst() {
    var bench = bench()
    bench.press("u", "m")
    bench.send(.storeNotice("The disk is full"))
    bench.press(.right)
    bench.send(.measurementFailed(request: bench.state.request, "Gemm needs two inputs"))
    #expect(
      bench.state.notices.entries.map(\.notice.text) == [
        "Nothing to undo", "Marked as A; c compares the marks", "The disk is full", "Gemm needs two inputs",
      ])
    bench.press("n")
    let lines = bench.screen.lines
    let places = bench.state.notices.entries.map { entry in
      lines.firstIndex { $0.contains(entry.notice.text) } ?? -1
    }
    #expect(places == places.sorted(by: >) && !places.contains(-1), "\(bench.text)")
    #expect(bench.text.contains("! Gemm") && bench.text.contains("! The disk"))
    bench.press(.escape)
    #expect(bench.state.overlay == nil)
  }

  @Test func whatIsSaidAgainAndAgainIsOneEntry() {
    var bench = bench()
    bench.press("u", "u", "u")
    #expect(bench.state.notices.entries.map(\.count) == [3])
    bench.press("n")
    #expect(bench.text.contains("Nothing to undo (3 times)"))
  }

  /// Every word of a sentence that is longer than its line, or than the box, can be read.
  @Test(arguments: [(60, 16), (80, 24), (200, 60)]) func nothingIsCut(width: Int, height: Int) {
    var bench = bench(width: width, height: height)
    let words = (0..<100).map { "word\($0)" }
    bench.send(.notice(words.joined(separator: " ")))
    bench.press("n")
    var seen = bench.text
    for _ in 0..<30 {
      bench.press(.down)
      seen += bench.text
    }
    for word in words { #expect(seen.contains(word + " "), "\(word)") }
  }

  @Test func withoutNoticesItSaysSo() {
    var bench = bench()
    bench.press("n")
    #expect(bench.text.contains("Nothing was said yet"))
  }
}
