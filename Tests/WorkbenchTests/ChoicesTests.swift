import Evaluation
import Foundation
import TerminalUI
import Testing
import Workbench

/// Theme, dots, mouse and axis are as they were when one comes back.
@Suite("Choices of the screen")
struct ScreenChoicesTests {
  private func file(_ name: String = UUID().uuidString) -> URL {
    FileManager.default.temporaryDirectory.appending(path: "choices-\(name)/state/screen.toml")
  }

  @Test func whatIsChosenIsRemembered() {
    var bench = TestBench()
    bench.settle()
    _ = bench.takeEffects()
    bench.press("d", "z", "x")
    bench.run("theme light")
    let remembered = bench.takeEffects().compactMap { effect in
      if case .remember(let choices) = effect { choices } else { nil }
    }
    #expect(
      remembered.last
        == ScreenChoices(theme: "light", marker: .block, capturesMouse: false, axis: Figure.axes[1].key))
    #expect(remembered.count == 4)
    var next = TestBench()
    next.state.apply(remembered[3])
    #expect(next.state.choices == remembered[3])
    #expect(next.state.axis == Figure.axes[1] && next.state.appearance.isThemeChosen)
  }

  /// Neither turning a knob nor a theme that was only looked at.
  @Test func nothingElseIs() {
    var bench = TestBench()
    bench.settle()
    _ = bench.takeEffects()
    bench.press(.right, "m", "b", "T", .down, .down, .escape)
    bench.settle()
    let isRemembered = bench.takeEffects().contains { if case .remember = $0 { true } else { false } }
    #expect(!isRemembered)
    bench.press("T", .down, .enter)
    #expect(bench.takeEffects().contains(.remember(bench.state.choices)))
  }

  @Test func theFileHoldsWhatWasWritten() throws {
    let url = file()
    defer {
      try? FileManager.default.removeItem(at: url.deletingLastPathComponent().deletingLastPathComponent())
    }
    let store = ScreenChoicesFile(path: url.path)
    #expect(store.read() == (ScreenChoices(), nil))
    for choices in [
      ScreenChoices(theme: "a \"quoted\" \\ \n name", marker: .ascii, capturesMouse: false, axis: "energy"),
      ScreenChoices(marker: .automatic), ScreenChoices(),
    ] {
      store.write(choices)
      #expect(store.read() == (choices, nil))
    }
  }

  @Test(arguments: [
    "theme = ", "theme = 3", "markers = \"stars\"", "mouse = \"yes\"", "axis = \"beauty\"", "\u{1}",
  ])
  func aDamagedFileIsPassedOverAndSaid(text: String) throws {
    let url = file()
    defer {
      try? FileManager.default.removeItem(at: url.deletingLastPathComponent().deletingLastPathComponent())
    }
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try text.write(to: url, atomically: true, encoding: .utf8)
    let (choices, notice) = ScreenChoicesFile(path: url.path).read()
    #expect(choices == ScreenChoices())
    #expect(notice?.contains("is damaged") ?? false)
  }

  /// A later version may know more.
  @Test func unknownKeysAreNoDamage() throws {
    #expect(try ScreenChoices(toml: "theme = \"sepia\"\nfont = \"big\"") == ScreenChoices(theme: "sepia"))
  }

  /// A file in the place of the folder: nothing can be written, and nothing is said.
  @Test func whatCannotBeWrittenIsForgotten() throws {
    let url = file()
    let folder = url.deletingLastPathComponent()
    defer { try? FileManager.default.removeItem(at: folder.deletingLastPathComponent()) }
    try FileManager.default.createDirectory(
      at: folder.deletingLastPathComponent(), withIntermediateDirectories: true)
    try "".write(to: folder, atomically: true, encoding: .utf8)
    let store = ScreenChoicesFile(path: url.path)
    store.write(ScreenChoices(theme: "light"))
    #expect(store.read() == (ScreenChoices(), nil))
  }

  @Test func aThemeThatIsGoneIsPassedOver() {
    var bench = TestBench()
    bench.state.apply(ScreenChoices(theme: "gone", marker: .block))
    #expect(bench.state.appearance.theme == "dark" && !bench.state.appearance.isThemeChosen)
    #expect(bench.state.appearance.marker == .block)
  }
}
