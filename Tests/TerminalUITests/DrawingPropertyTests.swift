import Testing
import TerminalUI

/// Whatever the size, and whatever the values, nothing is drawn outside the region and nothing traps.
@Suite("Drawing at any size")
struct DrawingPropertyTests {
  static let sizes: [Size] =
    (0...9).flatMap { width in (0...6).map { Size(width: width, height: $0) } }
    + [Size(width: 20, height: 3), Size(width: 60, height: 8), Size(width: 33, height: 17)]

  static let glyphSets: [GlyphSet] = [.unicode, GlyphSet(isUnicode: true, marker: .block), .ascii]

  @Test(arguments: sizes) func nothingIsDrawnOutside(size: Size) {
    for glyphs in Self.glyphSets {
      for drawing in Self.drawings {
        let frame = Rect(x: 3, y: 2, width: size.width, height: size.height)
        var canvas = Canvas(width: size.width + 7, height: size.height + 5, glyphs: glyphs)
        let sentinel = Cell("~", .bad)
        canvas.fill(canvas.bounds, sentinel.character, style: sentinel.style)
        canvas.draw(in: frame) { drawing.draw(&$0) }
        for y in 0..<canvas.height {
          for x in 0..<canvas.width where !frame.contains(Point(x: x, y: y)) {
            #expect(canvas[x, y] == sentinel, "\(drawing.name) drew at (\(x), \(y)) in \(size)")
          }
        }
      }
    }
  }

  @Test func asciiDrawingsHoldAsciiOnly() {
    for drawing in Self.drawings {
      var canvas = Canvas(width: 50, height: 14, glyphs: .ascii)
      drawing.draw(&canvas)
      #expect(canvas.cells.allSatisfy { $0.character.isASCII }, "\(drawing.name)")
    }
  }

  struct Drawing {
    let name: String
    let draw: (inout Canvas) -> Void
  }

  static var drawings: [Drawing] {
    var random = SeededGenerator(seed: 7)
    let wild = (0..<40).map { _ in awkwardValues.randomElement(using: &random) ?? 0 }
    let tame = (0..<40).map { _ in Double.random(in: 0.9...1, using: &random) }
    var drawings = [wild, tame, [], [.nan], [.infinity], [5]].flatMap { charts(of: $0) }
    drawings.append(Drawing(name: "box") { $0.box($0.bounds, title: "a long title") })
    drawings.append(
      Drawing(name: "panel") { canvas in
        canvas.panel(canvas.bounds.inset(by: -1), title: "t", isFocused: true) { $0.text("漢字漢字漢字") }
      })
    drawings.append(
      Drawing(name: "overlay") { canvas in
        OverlayBox(title: "help 漢字", size: Size(width: 12, height: 3), footer: "Esc").draw(on: &canvas) {
          $0.draw(TextBox("some words that are wrapped, and averylongwordthatiscut"))
        }
      })
    drawings.append(Drawing(name: "text box") { $0.draw(TextBox("漢字 a\n\n  indented words", scroll: 1)) })
    drawings.append(Drawing(name: "input") { InputLine("some 漢字 text").draw(on: &$0, prompt: ": ") })
    let items = (0..<9).map { SelectionItem("item \($0)", detail: "Ctrl-\($0)", isEnabled: $0 % 2 == 0) }
    drawings.append(Drawing(name: "list") { $0.draw(SelectionList(items, selection: 6)) })
    drawings.append(Drawing(name: "empty list") { $0.draw(SelectionList([])) })
    let columns = [
      TableColumn("name", minWidth: 4, priority: 3), TableColumn("漢字", alignment: .trailing, minWidth: 7),
      TableColumn("b", minWidth: 2, idealWidth: 9, priority: 1),
    ]
    for (count, selection) in [(0, nil), (3, 1), (30, 29), (30, 99)] as [(Int, Int?)] {
      let rows = (0..<count).map { row in [Span("row \(row)"), Span("漢字"), Span("b")].prefix(row % 4) }
      drawings.append(
        Drawing(name: "table \(count)") {
          $0.draw(
            Table(columns: columns, rows: rows.map(Array.init), selection: selection, emptyText: "none"))
        })
    }
    return drawings
  }

  private static func charts(of values: [Double]) -> [Drawing] {
    let points = zip(values, values.reversed()).enumerated().map { index, pair in
      ScatterPoint(
        x: pair.0, y: pair.1, glyph: [.dot, .ring, .letter("A"), .diamond][index % 4])
    }
    let line = LineChart(
      series: [LineSeries(values)], band: LineBand(lower: values, upper: values.map { $0 * 2 }),
      rules: values.prefix(2).map { LineRule($0, label: "original") }, format: .seconds, lastSteps: 17)
    let linear = ScatterChart(
      points: points, xAxis: AxisLabel("size", format: .bytes),
      yAxis: AxisLabel("accuracy", format: .percent),
      front: [0, 3, -1, 1000, 2], highlighted: 1)
    var logarithmic = linear
    logarithmic.xAxis.scale = .logarithmic
    logarithmic.yAxis = AxisLabel("y", scale: .logarithmic, format: .count)
    let segments = values.map { BarSegment("seg", $0, style: .series(1)) }
    return [
      Drawing(name: "line") { $0.draw(line) },
      Drawing(name: "scatter") { $0.draw(linear) },
      Drawing(name: "log scatter") { $0.draw(logarithmic) },
      Drawing(name: "bar") { $0.draw(StackedBar(segments, rule: values.first)) },
      Drawing(name: "bar of a total") { $0.draw(StackedBar(segments, total: values.last, rule: .nan)) },
      Drawing(name: "sparkline") { $0.draw(Sparkline(values)) },
      Drawing(name: "gauge") { $0.draw(Gauge(values.first ?? 0, label: "12 %")) },
      Drawing(name: "histogram") {
        $0.draw(
          Histogram(
            counts: values.map { $0.isFinite ? Int(max(-9, min(99, $0))) : -1 }, lower: values.first ?? 0,
            upper: values.last ?? 0, rules: values))
      },
    ]
  }
}
