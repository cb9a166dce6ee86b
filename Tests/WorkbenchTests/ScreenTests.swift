import Compression
import TerminalUI
import Testing
import Workbench

@Suite("Screen")
struct ScreenTests {
  /// A session with some steps taken, marks set and a layer that did not gain.
  private func session(width: Int, height: Int) -> TestBench {
    var bench = TestBench(width: width, height: height)
    bench.settle(accuracy: 0.95)
    for (turns, accuracy) in [(2, 0.949), (3, 0.94), (2, 0.91)] {
      for _ in 0..<turns { bench.press(.shiftRight) }
      bench.settle(accuracy: accuracy)
    }
    bench.press(.character("m"), .character("b"), .left, .left)
    bench.settle(accuracy: 0.90)
    return bench
  }

  @Test(arguments: [(80, 24), (120, 36), (200, 60)])
  func looksAsItDid(width: Int, height: Int) throws {
    try expectGolden("session-\(width)x\(height)", session(width: width, height: height).screen)
  }

  @Test func helpKnowsWhereItIs() throws {
    var bench = session(width: 100, height: 30)
    bench.press(.tab, .character("?"))
    try expectGolden("help-layers", bench.screen)
  }

  @Test func compareStandsSideBySide() throws {
    var bench = session(width: 100, height: 30)
    bench.press(.character("c"))
    try expectGolden("compare", bench.screen)
  }

  @Test func paletteListsCommands() throws {
    var bench = session(width: 80, height: 24)
    bench.press(.character(":"))
    bench.type("pr")
    try expectGolden("palette", bench.screen)
  }

  @Test func asciiScreensHoldOnlyASCII() {
    let bench = session(width: 80, height: 24)
    var canvas = Canvas(size: bench.state.size, glyphs: .ascii)
    canvas.draw(ShellView(bench.state))
    let isASCII = canvas.lines.joined().allSatisfy { $0.isASCII }
    #expect(isASCII)
  }

  @Test(arguments: [(0, 0), (1, 1), (20, 3), (59, 16), (60, 15)])
  func smallScreensSayWhatIsNeeded(width: Int, height: Int) {
    let bench = session(width: width, height: height)
    if width >= 20 { #expect(bench.text.contains("paretop")) }
    #expect(bench.screen.lines.count == height)
  }

  @Test func everySizeIsDrawn() {
    for width in stride(from: 60, through: 250, by: 19) {
      for height in stride(from: 16, through: 70, by: 9) {
        let text = session(width: width, height: height).text
        #expect(
          text.contains("knobs") && text.contains("pareto") && text.contains("layers"), "\(width)x\(height)")
      }
    }
  }

  @Test func everyOverlayIsDrawnOnTheSmallestScreen() {
    for key in ["?", "c", ":", "/", "T", "n"] {
      var bench = session(width: 60, height: 16)
      bench.press(.character(Character(key)))
      #expect(bench.screen.lines.count == 16)
      #expect(bench.state.overlay != nil)
    }
  }
}
