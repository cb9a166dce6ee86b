import Foundation
import Testing
import TerminalUI

@Suite("Input")
struct InputTests {
  /// The events of what follows an escape character, and what is left unread.
  private func parse(_ text: String) -> (events: [KeyEvent], rest: Int) {
    var waiting = Array(text.unicodeScalars.map(\.value))
    let events = EscapeParser.parse { waiting.isEmpty ? nil : waiting.removeFirst() }
    return (events, waiting.count)
  }

  @Test func sequencesBecomeKeys() {
    let wanted: [(String, [KeyEvent])] = [
      ("", [.escape]), ("[A", [.up]), ("OB", [.down]), ("[1;2C", [.shiftRight]), ("[1;5D", [.left]),
      ("[Z", [.backTab]), ("[3~", [.delete]), ("[5~", [.pageUp]), ("[15~", [.function(5)]),
      ("[24~", [.function(12)]), ("OP", [.function(1)]), ("[1;2A", [.shiftUp]), ("[7~", [.home]),
      ("x", [.escape, .character("x")]), ("\u{1B}[A", [.escape, .up]), ("O", [.escape, .character("O")]),
      ("[<0;5;3M", [.mouse(.press, x: 4, y: 2)]), ("[<0;5;3m", [.mouse(.release, x: 4, y: 2)]),
      ("[<32;1;1M", [.mouse(.drag, x: 0, y: 0)]), ("[<64;9;9M", [.mouse(.wheelUp, x: 8, y: 8)]),
      ("[<65;9;9M", [.mouse(.wheelDown, x: 8, y: 8)]), ("[<2;9;9M", [.mouse(.rightPress, x: 8, y: 8)]),
      ("[M !!", [.mouse(.press, x: 0, y: 0)]), ("[M#!!", [.mouse(.release, x: 0, y: 0)]),
      ("[M`!\"", [.mouse(.wheelUp, x: 0, y: 1)]),
      ("[200~", [.pasteBracket(opens: true)]), ("[201~", [.pasteBracket(opens: false)]),
      ("]11;rgb:ffff/ffff/ffff\u{7}", [.background(isLight: true)]),
      ("]11;rgb:1c/1c/1c\u{1B}\\", [.background(isLight: false)]),
      ("]11;rgba:f/f/8/f\u{7}", [.background(isLight: true)]),
    ]
    for (text, events) in wanted {
      #expect(parse(text).events == events, "ESC \(text)")
      #expect(parse(text).rest == 0, "ESC \(text)")
    }
  }

  @Test func unknownSequencesAreSwallowedWhole() {
    for text in [
      "[?1;2c", "]10;rgb:0/0/0\u{7}", "]11;?\u{7}", "]11;rgb:12345/0/0\u{7}", "]", "]52;c;cXVpdA==\u{1B}\\",
      "[99;99;99x", "[<9;9", "[<1;1M", "[M !", "[", "[I", "Oz",
    ] {
      let (events, rest) = parse(text)
      #expect(rest == 0, "ESC \(text)")
      #expect(
        events.allSatisfy {
          if case .character = $0 { return false }
          return true
        }, "ESC \(text)")
    }
  }

  @Test(arguments: 0..<200) func anyBytesAreTaken(seed: Int) {
    var random = SeededGenerator(seed: UInt64(seed))
    var left = 200
    _ = EscapeParser.parse {
      left -= 1
      guard left > 0 else { return nil }
      return Bool.random(using: &random)
        ? UInt32.random(in: 0...0x7F, using: &random)
        : [0x1B, 0x5B, 0x3C, 0x39, 0x3B, 0x4D, 0xFFFF_FFFF].randomElement(using: &random)
    }
    #expect(left >= 0)
  }

  private func collected(_ events: [KeyEvent]) -> [KeyEvent] {
    var paste = PasteCollector()
    return events.compactMap { paste.take($0) }
  }

  @Test func pastedTextIsOneEvent() {
    let opens = KeyEvent.pasteBracket(opens: true)
    let closes = KeyEvent.pasteBracket(opens: false)
    #expect(
      collected(["a", opens, "q", .enter, "é", .tab, .up, .control("x"), .control("z"), closes, "b"]) == [
        "a", .paste("q\né\t"), "b",
      ])
    #expect(collected([opens, closes]) == [.paste("")])
    #expect(collected([closes, "a"]) == ["a"])
    // What is no text goes its way.
    #expect(collected([opens, .hangup]) == [.hangup])
    // A closing bracket that was lost does not swallow all keys for ever.
    #expect(collected([opens, "a", .escape, "q"]) == [.paste("a"), "q"])
    #expect(collected([opens, "a", .control("c"), "q"]) == [.paste("a"), "q"])
  }

  @Test func anEndlessPasteIsCut() throws {
    let flood = Array(repeating: KeyEvent.character("x"), count: 300_000)
    let event = collected([.pasteBracket(opens: true)] + flood + [.pasteBracket(opens: false)])
    #expect(event == [.paste(String(repeating: "x", count: 100_000))])
  }

  @Test func plainKeys() {
    let wanted: [(UInt32, KeyEvent?)] = [
      (0x0D, .enter), (0x0A, .enter), (0x09, .tab), (0x7F, .backspace), (0x08, .backspace),
      (0x03, .control("c")),
      (0x1A, .control("z")), (0x20, .character(" ")), (0xE9, .character("é")), (0x1F600, .character("😀")),
      (0x00, nil), (0x1F, nil), (0x85, nil), (0xD800, nil), (0xFFFF_FFFF, nil), (0x1B, .escape),
    ]
    for (code, event) in wanted { #expect(PlainKey.event(for: code) == event, "\(code)") }
  }
}

@Suite("Terminals")
struct TerminalTests {
  @Test func theHeadlessTerminalPlaysItsScript() {
    let terminal = HeadlessTerminal(
      script: [TerminalWake(events: [.up, .character("x")]), TerminalWake(ready: [7])])
    terminal.type(.resize(width: 20, height: 3), .escape)
    var seen: [TerminalWake] = []
    while seen.last?.events != [.hangup] {
      terminal.present(Canvas(size: terminal.size))
      seen.append(terminal.waitForInput(extraDescriptors: [7], timeoutMilliseconds: 5))
    }
    #expect(seen.map(\.events.count) == [2, 0, 1, 1, 1])
    #expect(seen[1].ready == [7])
    #expect(terminal.frames.map(\.frameSize.width) == [80, 80, 80, 20, 20])
    terminal.restore()
    #expect(terminal.isRestored)
  }

  @Test func withoutATerminalTheErrorSaysWhatToDo() {
    guard isatty(STDIN_FILENO) == 0 else { return }
    #expect(throws: TerminalError.notATerminal(stream: "Standard input")) { try NcursesTerminal() }
  }

  @Test func everyErrorNamesItsCauseInOneSentence() {
    let errors: [(TerminalError, String)] = [
      (.notATerminal(stream: "Standard input"), "Standard input"), (.unknownTerminal(name: "bogus"), "bogus"),
      (.noTerminalDatabase(name: "xterm"), "xterm"), (.noCursorAddressing(name: "dumb"), "dumb"),
      (.noWakePipe(reason: "too many"), "too many"), (.themeUnreadable(file: "a", reason: "b"), "a"),
      (.themeSyntax(file: "a", line: 3, reason: "b"), "line 3"),
      (.themeIncomplete(file: "a", missing: [.band]), "band"),
      (.themeUnknownKey(file: "a", key: "k", known: "x"), "k"),
      (.themeBadValue(file: "a", key: "k", found: "f", expected: "e"), "k"),
    ]
    for (error, cause) in errors {
      let text = error.description
      #expect(text.contains(cause) && text.hasSuffix(".") && !text.contains("\n"), "\(text)")
    }
  }
}
