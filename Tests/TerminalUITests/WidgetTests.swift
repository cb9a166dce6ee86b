import Testing
import TerminalUI

@Suite("Widgets")
struct WidgetTests {
  static let table = Table(
    columns: [
      TableColumn("name", minWidth: 6, priority: 9),
      TableColumn("shape", minWidth: 8, idealWidth: 10, priority: 1),
      TableColumn("%", alignment: .trailing, minWidth: 6, idealWidth: 6, priority: 5),
    ],
    rows: (0..<6).map { [Span("layer\($0)"), Span("\($0)x3x3"), Span("\($0)0.0 %", .good)] }, selection: 4)

  @Test func tablesKeepTheSelectionInSight() {
    #expect(
      lines(30, 5, Self.table) == [
        "name        shape           %",
        "layer1      1x3x3      10.0 %│",
        "layer2      2x3x3      20.0 %█",
        "layer3      3x3x3      30.0 %█",
        "layer4      4x3x3      40.0 %│",
      ])
    var scrolled = Self.table
    scrolled.scroll = 99
    #expect(scrolled.firstRow(height: 5) == 2)
    scrolled.selection = 0
    #expect(scrolled.firstRow(height: 5) == 0)
  }

  @Test func narrowTablesDropColumnsByPriority() {
    #expect(
      lines(16, 4, Self.table) == [
        "name          %", "layer2   20.0 %│", "layer3   30.0 %█", "layer4   40.0 %│",
      ])
    #expect(lines(6, 3, Self.table) == ["name", "layer3", "layer4"])
  }

  @Test func theSelectedRowHasItsStyle() {
    var canvas = Canvas(width: 30, height: 7)
    canvas.draw(Self.table)
    #expect((0..<30).allSatisfy { canvas[$0, 5].style == .selection })
    #expect(canvas[27, 4].style == .good)
    var unfocused = Self.table
    unfocused.isFocused = false
    canvas.draw(unfocused)
    #expect(canvas[0, 5].style == .selectionMuted)
  }

  @Test func theMouseFindsRows() {
    #expect((-1...5).map { Self.table.row(atY: $0, height: 5) } == [nil, nil, 1, 2, 3, 4, nil])
    var short = Self.table
    short.rows = Array(short.rows.prefix(2))
    #expect(short.row(atY: 3, height: 9) == nil)
  }

  @Test func emptyTablesSaySo() {
    let table = Table(columns: Self.table.columns, rows: [], emptyText: "no layer matches")
    #expect(lines(30, 3, table).last == "" && lines(30, 3, table)[1] == "no layer matches")
  }

  @Test func wordsWrap() {
    #expect(WordWrap.lines("the quick brown fox", width: 9) == ["the quick", "brown fox"])
    #expect(WordWrap.lines("a\n\nb", width: 5) == ["a", "", "b"])
    #expect(WordWrap.lines("  indented words here", width: 10) == ["  indented", "  words", "  here"])
    #expect(WordWrap.lines("abcdefghij k", width: 4) == ["abcd", "efgh", "ij k"])
    #expect(WordWrap.lines("漢字漢字", width: 5) == ["漢字", "漢字"])
    #expect(WordWrap.lines("x", width: 0) == [])
  }

  @Test(arguments: 0..<100) func wrappedLinesFitAndLoseNoLetter(seed: Int) {
    var random = SeededGenerator(seed: UInt64(seed))
    let letters = Array("ab 漢 \n")
    let text = String((0..<60).map { _ in letters.randomElement(using: &random) ?? "a" })
    let width = Int.random(in: 2...20, using: &random)
    let lines = WordWrap.lines(text, width: width)
    #expect(lines.allSatisfy { DisplayWidth.of($0) <= width })
    #expect(lines.joined().filter { $0 != " " } == text.filter { $0 != " " && $0 != "\n" })
  }

  @Test func overlaysCoverTheMiddle() {
    var canvas = Canvas(width: 16, height: 5)
    canvas.fill(canvas.bounds, ".")
    OverlayBox(title: "hi", size: Size(width: 6, height: 1), footer: "Esc").draw(on: &canvas) {
      $0.text("abcdefgh")
    }
    #expect(
      canvas.lines == [
        "................",
        "...┌ hi ────┐...",
        "...│ abcdef │...",
        "...└── Esc ─┘...",
        "................",
      ])
    #expect(canvas[5, 2].style == CellStyle(.text, on: .overlay))
  }

  @Test func inputLineEdits() {
    var line = InputLine()
    for key: KeyEvent in [.character("a"), .character("c"), .left, .character("b"), .end, .character("d")] {
      let isEdit = line.handle(key)
      #expect(isEdit)
    }
    #expect(line.text == "abcd")
    _ = [.home, .delete, .right, .backspace].map { line.handle($0) }
    #expect(line.text == "cd" && line.cursor == 0)
    let others = [KeyEvent.enter, .up].map { line.handle($0) }
    #expect(others == [false, false])
    line = InputLine("one two  three")
    _ = line.handle(.control("w"))
    #expect(line.text == "one two  ")
    _ = [.control("w"), .control("a"), .control("k"), .backspace, .delete].map { line.handle($0) }
    #expect(line.isEmpty && line.cursor == 0)
  }

  @Test func inputLineScrollsToItsCursor() {
    var canvas = Canvas(width: 8, height: 1)
    InputLine("abcdefghij").draw(on: &canvas, prompt: "/")
    #expect(canvas.lines == ["/efghij"])
    #expect(canvas[7, 0].style == .cursor)
    InputLine("ab").draw(on: &canvas, prompt: "/", isFocused: false)
    #expect(canvas.lines == ["/ab"])
  }

  @Test func listsMoveWithinTheirEnds() {
    var list = SelectionList((0..<20).map { SelectionItem("item \($0)", detail: "d") })
    func selection(after key: KeyEvent) -> Int? {
      _ = list.handle(key, pageSize: 7)
      return list.selection
    }
    #expect([.up, .pageDown, .down, .end, .home, .end].map(selection) == [0, 7, 8, 19, 0, 19])
    let isMove = list.handle(.enter)
    #expect(!isMove)
    #expect(list.item(atY: 4, height: 5) == 19)
    list.select(3)
    #expect(list.selectedItem?.text == "item 3")
    #expect(lines(14, 3, list) == ["  item 2     d", "▸ item 3     d", "  item 4     d"])
    list.replace([])
    #expect(selection(after: .down) == nil && list.selectedItem == nil)
  }
}
