import Testing
import TerminalUI

@Suite("Scatter chart")
struct ScatterTests {
  @Test(arguments: 0..<60) func theMouseFindsEveryPoint(seed: Int) {
    var random = SeededGenerator(seed: UInt64(seed))
    let points = (0..<30).map { _ in
      ScatterPoint(x: .random(in: 1...1e6, using: &random), y: .random(in: 0...1, using: &random))
    }
    let chart = ScatterChart(
      points: points, xAxis: AxisLabel("size", scale: seed.isMultiple(of: 2) ? .linear : .logarithmic))
    let size = Size(width: .random(in: 1...90, using: &random), height: .random(in: 1...30, using: &random))
    for marker in PlotMarker.allCases {
      let layout = chart.layout(in: size, marker: marker)
      for index in points.indices {
        guard let cell = layout.cell(of: index) else {
          Issue.record("point \(index) has no cell")
          continue
        }
        #expect(layout.plot.contains(cell))
        let found = layout.nearestPoint(to: cell, within: 0)
        #expect(found.flatMap { layout.cell(of: $0) } == cell)
      }
    }
  }

  @Test func theMouseFindsWhatIsDrawn() {
    let points = [(1.0, 1.0), (5, 9), (9, 4)].map { ScatterPoint(x: $0.0, y: $0.1) }
    let chart = ScatterChart(points: points)
    var canvas = Canvas(width: 40, height: 12)
    canvas.draw(chart)
    let layout = chart.layout(in: canvas.size, marker: canvas.glyphs.marker)
    let drawn = (0..<12).flatMap { y in (0..<40).map { Point(x: $0, y: y) } }
      .filter { canvas[$0.x, $0.y].character == "•" }
    #expect(drawn.count == 3)
    #expect(Set(drawn.compactMap { layout.nearestPoint(to: $0, within: 0) }) == [0, 1, 2])
  }

  @Test func pointsOutOfReachAreNotFound() {
    let chart = ScatterChart(points: [ScatterPoint(x: 0, y: 0), ScatterPoint(x: 1, y: 1)])
    let layout = chart.layout(in: Size(width: 60, height: 20))
    #expect(layout.nearestPoint(to: Point(x: 30, y: 10)) == nil)
    #expect(
      ScatterChart(points: []).layout(in: Size(width: 9, height: 9)).nearestPoint(to: Point(x: 1, y: 1))
        == nil)
  }

  @Test func pointsWithoutAPlaceAreSkipped() {
    let points = [ScatterPoint(x: .nan, y: 1), ScatterPoint(x: 0, y: 1), ScatterPoint(x: 2, y: 1)]
    let layout = ScatterChart(points: points, xAxis: AxisLabel(scale: .logarithmic))
      .layout(in: Size(width: 30, height: 9))
    #expect(points.indices.map { layout.cell(of: $0) != nil } == [false, false, true])
    #expect(layout.cell(of: 3) == nil)
  }

  @Test func theCurrentPointIsDrawnOverTheOthers() {
    let kinds: [ScatterGlyph] = [.diamond, .dot, .letter("B"), .ring]
    let points = kinds.map { ScatterPoint(x: 1, y: 1, glyph: $0) }
    #expect(lines(1, 1, ScatterChart(points: points)) == ["◆"])
    #expect(lines(1, 1, ScatterChart(points: Array(points.dropFirst()))) == ["B"])
    #expect(lines(1, 1, ScatterChart(points: points, highlighted: 1)) == ["•"])
  }

  @Test func aTradeOffWithItsFront() {
    let chart = ScatterChart(
      points: [
        ScatterPoint(x: 4.8e6, y: 0.978, glyph: .ring), ScatterPoint(x: 1.2e6, y: 0.977),
        ScatterPoint(x: 6.1e5, y: 0.974, glyph: .diamond), ScatterPoint(x: 3e5, y: 0.95, glyph: .letter("A")),
        ScatterPoint(x: 2.5e6, y: 0.96), ScatterPoint(x: .nan, y: 0.96),
      ],
      xAxis: AxisLabel("size", scale: .logarithmic, format: .bytes),
      yAxis: AxisLabel("accuracy", format: .percent), front: [0, 1, 2, 3])
    #expect(
      lines(44, 9, chart) == [
        "98 %┤ accuracy      •⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀○",
        "    │        ◆⠒⠒⠒⠒⠒⠒⠃",
        "97 %┤        ⡇",
        "    │        ⡇",
        "96 %┤        ⡇              •",
        "    │        ⡇",
        "95 %┤A⣀⣀⣀⣀⣀⣀⣀⡇",
        "    └┬────────────┬───────────┬────── size ┬",
        "  300 KB        1 MB        3 MB       10 MB",
      ])
    #expect(
      lines(44, 9, chart, .ascii) == [
        "98 %+ accuracy      *..............O",
        "    |        @......:",
        "97 %+        :",
        "    |        :",
        "96 %+        :              *",
        "    |        :",
        "95 %+A.......:",
        "    ++------------+-----------+------ size +",
        "  300 KB        1 MB        3 MB       10 MB",
      ])
  }
}
