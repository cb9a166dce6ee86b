import Compression
import Recipes
import TensorCore
import TerminalUI
import Testing
import Workbench

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

  @Test func pastedTextIsTyped() {
    var bench = TestBench()
    bench.settle()
    bench.press(.character(":"), .paste(" prune\n50\n"))
    // The end of a line is no Enter.
    #expect(bench.state.recipe == .identity)
    bench.press(.enter)
    #expect(bench.state.recipe.model.prune == 0.5)
  }

  @Test func pastedTextIsNoKeys() {
    var bench = TestBench()
    bench.settle()
    _ = bench.takeEffects()
    bench.press(.paste("see q\n0 the experiments"))
    #expect(bench.takeEffects().isEmpty)
    #expect(bench.state.notice != nil)
    bench.press(.character("?"), .paste("q"))
    #expect(!bench.state.overlays.isEmpty)
  }

  @Test func theFirstThemeFitsTheGround() {
    var bench = TestBench()
    bench.press(.background(isLight: true))
    #expect(bench.takeEffects().contains(.setTheme("light")))
    var chosen = after("theme dark")
    _ = chosen.takeEffects()
    chosen.press(.background(isLight: true))
    #expect(chosen.state.appearance.theme == "dark")
    #expect(chosen.takeEffects().isEmpty)
  }

  @Test func changesTheTheme() {
    var bench = after("theme light")
    #expect(bench.state.appearance.theme == "light")
    #expect(bench.takeEffects().contains(.setTheme("light")))
  }
}
