import Compression
import TerminalUI
import Testing
import Workbench

/// Footer, help and palette are made from the bindings: nothing a key does is missing from them.
@Suite("Keys")
struct KeyTests {
  /// Keys that lead to every place of the application: a new one needs an entry.
  static let places: [String: [KeyEvent]] = [
    "knobs": [], "layers": [.tab], "pareto": [.tab, .tab], "help": ["?"], "command": [":"], "filter": ["/"],
    "compare": ["c"], "theme": ["T"], "choices": [.down, .enter], "notices": ["n"], "tried": ["a"],
    "layer": ["i"],
    "recipe": ["R"],
  ]

  private func bench(in place: String, width: Int = 120, height: Int = 36) throws -> TestBench {
    var bench = TestBench(width: width, height: height)
    bench.settle()
    for key in try #require(KeyTests.places[place]) { bench.press(key) }
    #expect(bench.state.keySections.first?.name == place)
    return bench
  }

  @Test(arguments: places.keys)
  func everyBindingIsReachableOnceAndDescribed(place: String) throws {
    let sections = try bench(in: place).state.keySections
    let keys = sections.flatMap(\.rows).flatMap(\.keys)
    #expect(Set(keys).count == keys.count)
    #expect(keys.allSatisfy { !$0.name.isEmpty })
    for section in sections {
      let names = section.rows.map(\.binding.name)
      #expect(Set(names).count == names.count, "\(section.name): \(names)")
      #expect(names.allSatisfy { !$0.isEmpty && !$0.contains(" ") })
      #expect(section.rows.allSatisfy { !$0.binding.description.isEmpty })
    }
  }

  /// A key that a panel has already would be lost to help and palette while that panel has the focus.
  @Test func noPanelTakesTheOnlyKeyOfABindingBehindIt() throws {
    let behind = try ["knobs", "layers", "pareto"].map { panel in
      try bench(in: panel).state.keySections.dropFirst().flatMap(\.rows).map(\.binding.name)
    }
    #expect(behind.allSatisfy { $0 == behind[0] }, "\(behind)")
  }

  @Test(arguments: places.keys)
  func helpListsTheKeysOfThePlaceBeneath(place: String) throws {
    var bench = try bench(in: place, height: 100)
    let sections = bench.state.keySections
    bench.press(.function(1))
    #expect(bench.text.contains("help: \(place)"))
    for row in sections.flatMap(\.rows) {
      #expect(bench.text.contains("\(row.label.fitted(to: 14))\(row.binding.description.prefix(20))"))
    }
    bench.press(.escape)
    #expect(bench.state.keySections.first?.name == place)
  }

  @Test(arguments: ["knobs", "layers", "pareto", "tried"])
  func thePaletteRunsWhateverAKeyDoes(place: String) throws {
    let state = try bench(in: place).state
    let commands = Command.all(state)
    #expect(Set(commands.map(\.name)).count == commands.count)
    for row in state.keySections.flatMap(\.rows) {
      let command = try #require(commands.first { $0.name == row.binding.name }, "\(row.binding.name)")
      #expect(command.keys.contains(row.label))
    }
  }

  @Test(arguments: ["knobs", "layers", "pareto"], [60, 80, 120, 200])
  func theFooterAlwaysEndsWithHelpAndQuit(place: String, width: Int) throws {
    let footer = try #require(try bench(in: place, width: width).screen.lines.last)
    #expect(footer.contains("? help  q quit"))
    // Where the arrows walk points, others turn the knob.
    #expect(width == 60 || footer.contains(place == "pareto" ? "-+ turn" : "←→ turn"), "\(footer)")
    #expect(footer.contains("points") == (place == "pareto"))
  }

  /// Also over every overlay: by keys that mean it there.
  @Test(arguments: places.keys, [60, 80, 120]) func theFooterNamesHelpAndQuitEverywhere(
    place: String, width: Int
  ) throws {
    let bench = try bench(in: place, width: width, height: 20)
    let footer = try #require(bench.screen.lines.last)
    for name in ["help", "quit"] {
      let rows = bench.state.keySections.flatMap(\.rows)
      let row = try #require(rows.first { $0.binding.name == name })
      #expect(footer.contains("\(row.keys[0].name) \(name)"), "\(footer)")
    }
  }

  @Test func overlaysSayHowToGetHelpAndOut() throws {
    #expect(try #require(try bench(in: "choices").screen.lines.last).contains("? help"))
    // Where text is typed, a question mark is text.
    #expect(try #require(try bench(in: "command").screen.lines.last).contains("F1 help  Ctrl-C quit"))
    var bench = try bench(in: "command")
    bench.press("?")
    #expect(bench.state.keySections.first?.name == "command")
    bench.press(.control("c"))
    #expect(bench.takeEffects().last == .quit)
  }

  @Test func whatCannotBeDoneIsRefusedWithTheReason() {
    var bench = TestBench()
    bench.settle()
    bench.press("u")
    #expect(bench.state.notice?.text == "Nothing to undo")
    #expect(Command.all(bench.state).first { $0.name == "undo" }?.refusal == "Nothing to undo")
    bench.press(.enter)
    #expect(bench.state.overlay == nil && bench.text.contains("turn it with"))
    bench.press(.right)
    #expect(Command.all(bench.state).first { $0.name == "undo" }?.refusal == nil)
  }

  @Test func keysHaveNames() {
    let keys: [KeyEvent] = [
      "u", " ", .shiftLeft, .control("c"), .function(1), .backTab, .mouse(.press, x: 0, y: 0),
    ]
    #expect(keys.map(\.name) == ["u", "Space", "Shift-←", "Ctrl-C", "F1", "Shift-Tab", ""])
  }
}
