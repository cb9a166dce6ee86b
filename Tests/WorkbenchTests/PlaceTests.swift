import Compression
import TerminalUI
import Testing
import Workbench

/// A screen that counts, as another part of the application would add one.
private struct CountScreen: Screen {
  var count = 0
  let name = "count"
  var shortcut: (key: KeyEvent, description: String)? { ("C", "The screen that counts") }

  var bindings: [Binding] {
    [
      Binding(["+"], "more", "Count one more", hint: "more") { $0[CountScreen.self].count += 1 },
      Binding(["a"], "about", "What this is", hint: "about") { $0.open(AboutOverlay()) },
    ]
  }

  func introduction(_ state: WorkbenchState) -> [Span] { [Span("Counts.")] }

  func draw(_ state: WorkbenchState, on canvas: inout Canvas) { canvas.text("counted \(count)") }

  func mouse(_ event: MouseEvent, _ state: inout WorkbenchState) -> [Effect] {
    state[CountScreen.self].count = event.point.y
    return []
  }
}

private struct AboutOverlay: Overlay {
  let name = "about"
  var bindings: [Binding] { [Self.closing] }
  func introduction(_ state: WorkbenchState) -> [Span] { [] }
  func draw(_ state: WorkbenchState, on canvas: inout Canvas) { canvas.text("about counting") }
}

@Suite("Places")
struct PlaceTests {
  private var bench: TestBench {
    var bench = TestBench(screens: [ExploreScreen(), CountScreen()])
    bench.settle()
    return bench
  }

  @Test func aSecondScreenIsSwitchedToAndKeepsItsState() {
    var bench = bench
    #expect(bench.text.contains("paretop: explore"))
    bench.press(">", "+", "+")
    #expect(bench.text.contains("counted 2") && bench.text.contains("paretop: count"))
    #expect(
      bench.screen.lines.last?.contains("+ more  a about  > screen  n notices  ? help  q quit") ?? false)
    bench.press("<", .right, ">")
    #expect(bench.text.contains("counted 2"))
    #expect(bench.state.recipe.model.prune == 0.01)
    bench.press(.mouse(.press, x: 3, y: 8))
    #expect(bench.text.contains("counted 7"))
  }

  @Test func itsKeysAreInHelpAndPalette() {
    var bench = bench
    bench.press(":")
    bench.type("screen count")
    bench.press(.enter, "?")
    #expect(bench.text.contains("help: count") && bench.text.contains("Count one more"))
    #expect(bench.text.contains("Next screen") && !bench.text.contains("pruning knob"))
    bench.press(.escape, ":")
    bench.type("more")
    bench.press(.enter)
    #expect(bench.text.contains("counted 1"))
  }

  @Test func aScreenIsReachedByItsOwnKey() {
    var bench = bench
    bench.press("C", "+")
    #expect(bench.text.contains("counted 1") && bench.state.binding(for: "C") == nil)
    bench.press("<", ":")
    bench.type("count")
    bench.press(.enter)
    #expect(bench.text.contains("counted 1"))
  }

  @Test func anOverlayNeedsTheLineOfItsKeyOnly() {
    var bench = bench
    bench.press(">", "a", "+")
    #expect(bench.text.contains("about counting") && bench.text.contains("counted 0"))
    bench.press(.escape)
    #expect(bench.state.overlay == nil)
  }

  /// With one screen there is nothing to switch to, and no key for it.
  @Test func oneScreenIsNotSwitched() {
    let bench = TestBench(screens: [ExploreScreen()])
    #expect(bench.state.binding(for: ">") == nil)
    #expect(!Command.all(bench.state).contains { $0.name == "screen" })
    #expect(!bench.text.contains("paretop: "))
  }
}
