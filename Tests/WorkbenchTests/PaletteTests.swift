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

  @Test(arguments: [
    ("exp", "export"), ("prv-scr", "previous-screen"), ("actb", "activation-bits"), ("wb", "weight-bits"),
  ])
  func namesAreFoundBySomeOfTheirLetters(typed: String, name: String) {
    #expect(Command.matching(typed, after("").state).first?.command.name == name)
  }

  /// "wire" is in no name: what speaks of it is offered, but Enter only writes the name out.
  @Test func aDescriptionIsNeverRun() {
    var bench = TestBench()
    bench.settle()
    _ = bench.takeEffects()
    for word in ["shell", "kept", "configuration", "onnx"] {
      bench.press(":")
      bench.type(word)
      #expect(!Command.matching(word, bench.state).isEmpty)
      #expect(Command.matching(word, bench.state).allSatisfy { !$0.isByName })
      bench.press(.enter)
      #expect(bench.state.overlay != nil && bench.takeEffects().isEmpty)
      bench.press(.escape)
    }
  }

  @Test(arguments: ["export x", "undo 5", "quit now", "mark B", "sweep all"])
  func whatTakesNoArgumentRefusesOne(command: String) {
    var bench = after(command)
    #expect(bench.state.notice?.kind == .problem)
    #expect(bench.state.notice?.text.contains("takes nothing after its name") ?? false)
    let effects = bench.takeEffects()
    #expect(!effects.contains(.quit) && !effects.contains(.export(.identity)))
  }

  /// What another panel's keys do is done there.
  @Test func keysOfOtherPanelsAreCommandsToo() {
    var bench = after("order")
    #expect(bench.text.contains("layers by hurt"))
    #expect(bench.state.keySections.first?.name == "layers")
    bench.press(":")
    bench.type("return")
    bench.press(.enter)
    #expect(bench.state.keySections.first?.name == "pareto")
    let names = Set(Command.all(bench.state).map(\.name))
    for (keys, _) in [([KeyEvent](), 0), ([.tab], 0), ([.tab, .tab], 0)] {
      var other = TestBench()
      other.settle()
      for key in keys { other.press(key) }
      for row in other.state.keySections.flatMap(\.rows) { #expect(names.contains(row.binding.name)) }
    }
  }

  @Test func setsTheKnobs() {
    #expect(after("prune 0.5").state.recipe.model.prune == 0.5)
    #expect(after("rank 25%").state.recipe.model.rank == 0.25)
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
    bench.press(.character(":"), .paste(" prune\n0.5\n"))
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
