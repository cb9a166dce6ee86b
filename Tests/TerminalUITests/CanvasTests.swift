import Testing
import TerminalUI

@Suite("Canvas")
struct CanvasTests {
  @Test func textIsClippedAtBothEdges() {
    var canvas = Canvas(width: 6, height: 2)
    canvas.text("abcdefgh", x: 3, y: 0)
    canvas.text("abcdefgh", x: -5, y: 1)
    #expect(canvas.lines == ["   abc", "fgh"])
  }

  @Test func textOutsideTheFrameIsNotDrawn() {
    var canvas = Canvas(width: 4, height: 1)
    for y in [-1, 1, Int.max, Int.min] { canvas.text("abcd", y: y) }
    for x in [4, Int.max, Int.min] { canvas.text("abcd", x: x) }
    #expect(canvas.lines == [""])
  }

  @Test func textFitsAGivenWidth() {
    var canvas = Canvas(width: 8, height: 4)
    canvas.text("abcdefgh", y: 0, width: 5)
    canvas.text("abc", y: 1, width: 5, alignment: .trailing)
    canvas.text("abc", y: 2, width: 5, alignment: .center)
    canvas.text("abc", y: 3, width: 0)
    #expect(canvas.lines == ["abcd…", "  abc", " abc", ""])
  }

  @Test func wideCharactersTakeTwoColumns() {
    var canvas = Canvas(width: 5, height: 1)
    let columns = canvas.text("漢字x", x: 0)
    #expect(columns == 5)
    #expect(canvas.lines == ["漢字x"])
    #expect(canvas[1, 0].isContinuation)
  }

  @Test func halfOfAWideCharacterIsNeverLeft() {
    var canvas = Canvas(width: 5, height: 1)
    canvas.text("漢字x")
    canvas.put("a", x: 1, y: 0)
    canvas.put("b", x: 2, y: 0)
    #expect(canvas.lines == [" ab x"])
    canvas.put("字", x: 4, y: 0)
    #expect(canvas.lines == [" ab"])
  }

  @Test func aWideCharacterCutByARegionIsBlank() {
    var canvas = Canvas(width: 6, height: 1)
    canvas.fill(canvas.bounds, ".")
    canvas.draw(in: Rect(x: 1, width: 3, height: 1)) { _ = $0.text("漢字") }
    #expect(canvas.lines == [".漢 .."])
    canvas.draw(in: Rect(x: 2, width: 1, height: 1)) { _ = $0.put("x", x: 0, y: 0) }
    #expect(canvas.lines == [". x .."])
  }

  @Test func combiningMarksStayWithTheirBase() {
    var canvas = Canvas(width: 4, height: 1)
    canvas.text("e\u{301}a\u{308}b")
    #expect(canvas.lines == ["éäb"])
    #expect(DisplayWidth.of("e\u{301}") == 1)
    #expect(DisplayWidth.of("👩‍👧") == 2)
    #expect(DisplayWidth.of("⠿") == 1)
  }

  @Test func controlCharactersNeverReachTheGrid() {
    var canvas = Canvas(width: 8, height: 1)
    canvas.text("a\u{1B}b\nc\td\u{7F}")
    #expect(canvas.lines == ["ab c d"])
  }

  @Test func regionsHaveTheirOwnOriginAndNest() {
    var canvas = Canvas(width: 8, height: 4)
    canvas.draw(in: Rect(x: 2, y: 1, width: 4, height: 2)) { outer in
      #expect(outer.size == Size(width: 4, height: 2))
      outer.text("abcdefgh")
      outer.draw(in: Rect(x: 2, y: 1, width: 50, height: 50)) { inner in
        #expect(inner.width == 50)
        inner.fill(inner.bounds, "#")
      }
    }
    #expect(canvas.lines == ["", "  abcd", "    ##", ""])
    #expect(canvas.size == Size(width: 8, height: 4))
  }

  @Test func boxesJoinWhereTheyMeet() {
    var canvas = Canvas(width: 11, height: 5)
    for part in canvas.bounds.columns([.flexible(1), .flexible(1)], overlap: 1) { canvas.box(part) }
    canvas.box(Rect(y: 2, width: 11, height: 3))
    #expect(
      canvas.lines == [
        "┌────┬────┐",
        "│    │    │",
        "├────┼────┤",
        "│    │    │",
        "└────┴────┘",
      ])
  }

  @Test func boxTitlesAreCutToFit() {
    var canvas = Canvas(width: 10, height: 2, glyphs: .ascii)
    canvas.box(canvas.bounds, title: "accuracy")
    #expect(canvas.lines == ["+ accu~ -+", "+--------+"])
    canvas = Canvas(width: 3, height: 2)
    canvas.box(canvas.bounds, title: "accuracy")
    #expect(canvas.lines == ["┌─┐", "└─┘"])
  }

  @Test func asciiCanvasesHoldAsciiOnly() {
    var canvas = Canvas(width: 40, height: 3, glyphs: .ascii)
    canvas.text("±0.3 µs → 5 × 漢 é ⠿█ ─│┼ …")
    canvas.box(Rect(y: 1, width: 6, height: 2))
    #expect(canvas.lines == ["~0.3 us > 5 x ? ? :# -|+ ~", "+----+", "+----+"])
    #expect(canvas.cells.allSatisfy { $0.character.isASCII })
  }

  @Test func surfacesEndWithTheirRegion() {
    var canvas = Canvas(width: 3, height: 1)
    canvas.draw(in: Rect(x: 1, width: 1, height: 1)) { canvas in
      canvas.surface = .overlay
      canvas.text("xyz", style: .key)
    }
    canvas.put("z", x: 2, y: 0, style: .key)
    #expect(canvas[1, 0].style == CellStyle(.key, on: .overlay))
    #expect(canvas[2, 0].style == .key)
  }

  @Test func dumpNamesStyledRuns() {
    var canvas = Canvas(width: 12, height: 1)
    canvas.text([Span("ab "), Span("cd", .good.bold), Span(" ef")])
    #expect(canvas.dump == "ab cd ef\n  ^ 3...4 good+bold")
  }

  @Test func differenceShowsRowsAndCells() throws {
    var expected = Canvas(width: 5, height: 2)
    expected.text("hello", y: 1)
    var found = expected
    #expect(found.difference(from: expected) == nil)
    found.put("a", x: 1, y: 1, style: .bad)
    let report = try #require(found.difference(from: expected))
    #expect(
      report == """
        row 1
          expected |hello
          found    |hallo
                     ^\("   ")
          (1, 1): expected 'e' text, found 'a' bad
        """)
    #expect(Canvas(width: 1, height: 2).difference(from: expected) == "size: expected 5x2, found 1x2")
  }

  @Test func changedRunsHoldOnlyWhatChanged() {
    var before = Canvas(width: 10, height: 2)
    before.text("abc 漢字", y: 1)
    var after = before
    #expect(after.changedRuns(since: before).isEmpty)
    after.text("X", x: 1, y: 1)
    after.put("界", x: 4, y: 1, style: .good)
    let runs = after.changedRuns(since: before)
    #expect(runs.map(\.x) == [1, 4])
    #expect(runs.map(\.cells.count) == [1, 2])
    #expect(after.changedRuns(since: nil).map(\.cells.count).reduce(0, +) == 20)
  }

  @Test(arguments: 0..<40) func replayedChangesMakeTheSameFrame(seed: Int) {
    var random = SeededGenerator(seed: UInt64(seed))
    func scribble(_ canvas: inout Canvas) {
      let words = ["漢字", "abc", "e\u{301}", "──", "⠿"]
      for _ in 0..<8 {
        canvas.text(
          words.randomElement(using: &random) ?? "", x: .random(in: -3...12, using: &random),
          y: .random(in: -1...4, using: &random), style: .series(.random(in: 0...2, using: &random)))
      }
    }
    var before = Canvas(width: 11, height: 4)
    scribble(&before)
    var after = before
    scribble(&after)
    var replayed = before
    for run in after.changedRuns(since: before) {
      for (offset, cell) in run.cells.enumerated() where !cell.isContinuation {
        replayed.put(cell.character, x: run.x + offset, y: run.y, style: cell.style)
      }
    }
    #expect(replayed.difference(from: after) == nil)
  }
}

@Suite("Names and what they hide")
struct NameTests {
  @Test func controlCharactersAreWrittenOut() {
    #expect("a\u{1B}[31mb\u{7F}\u{9B}c\n".showingControls == "a\\u001b[31mb\\u007f\\u009bc\n")
    #expect("a\r\nb\tc".showingControls == "a\\u000d\nb\\u0009c")
    #expect("a\nb\u{202E}c".inOneLine == "a\\u000ab\\u202ec")
    #expect("größe 数 é".showingControls == "größe 数 é")
  }

  @Test(arguments: [9, 12, 20]) func namesThatDifferStayDifferent(columns: Int) {
    let lists = [
      (0..<40).map { "model.encoder.layers.\($0).self_attn.q_proj.weight" },
      (0..<40).map { "\($0)/features/stage/block/conv/kernel" },
      (0..<40).map { "features/stage/block/conv/kernel/\($0)" },
      ["short", "other"],
    ]
    for names in lists {
      let shown = names.distinct(in: columns)
      #expect(Set(shown).count == names.count)
      #expect(shown.allSatisfy { DisplayWidth.of($0) <= columns })
    }
  }

  @Test func namesThatFitAreLeft() {
    #expect(["conv1", "fc"].distinct(in: 5) == ["conv1", "fc"])
    #expect(["same same same", "same same same"].distinct(in: 9).first == "…ame same")
  }
}

@Suite("Geometry")
struct GeometryTests {
  @Test func splitsAddUpToTheWhole() {
    for width in 0...60 {
      let parts = Rect(width: width, height: 3).columns([.fixed(10), .flexible(2), .flexible(1)])
      #expect(parts.map(\.width).reduce(0, +) == width)
      #expect(parts.allSatisfy { $0.maxX <= width && $0.x >= 0 })
      #expect(zip(parts, parts.dropFirst()).allSatisfy { $0.maxX == $1.x })
    }
  }

  @Test func overlappingPartsShareACell() {
    let parts = Rect(width: 21, height: 1).columns([.flexible(1), .flexible(1), .flexible(1)], overlap: 1)
    #expect(parts.map(\.x) == [0, 6, 13])
    #expect(parts.last?.maxX == 21)
  }

  @Test func minimaComeFirst() {
    let parts = Rect(width: 20, height: 30).rows([.atLeast(5, weight: 1), .fixed(3), .atLeast(2, weight: 3)])
    #expect(parts.map(\.height) == [10, 3, 17])
  }

  @Test func hostileNumbersMakeEmptyRectangles() {
    let huge = Rect(x: .max, y: .min, width: .max, height: .min)
    #expect(huge.isEmpty)
    #expect(Rect(width: 3, height: 3).intersection(huge).isEmpty)
    #expect(Rect(width: -4, height: 3).width == 0)
    #expect(Rect(width: 3, height: 3).inset(by: 2).isEmpty)
  }
}
