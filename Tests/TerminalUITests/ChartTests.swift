import Testing
import TerminalUI

@Suite("Charts")
struct ChartTests {
  @Test func gaugeMovesByEighths() {
    #expect(lines(17, 1, Gauge(0.5, label: "50 %")) == ["[█████·····] 50 %"])
    #expect(lines(17, 1, Gauge(0.56, label: "56 %")) == ["[█████▋····] 56 %"])
    #expect(lines(17, 1, Gauge(0.5, label: "50 %"), .ascii) == ["[#####.....] 50 %"])
  }

  @Test func gaugeIsFullOnlyAtAllAndEmptyOnlyAtNone() {
    #expect(lines(12, 1, Gauge(1)) == ["[██████████]"])
    #expect(lines(12, 1, Gauge(0.9999)) == ["[█████████▉]"])
    #expect(lines(12, 1, Gauge(0.0001)) == ["[▏·········]"])
    #expect(lines(12, 1, Gauge(0)) == ["[··········]"])
    #expect(lines(12, 1, Gauge(.nan)) == ["[··········]"])
    #expect(lines(12, 1, Gauge(7), .ascii) == ["[##########]"])
  }

  @Test func narrowGaugesKeepTheLabel() {
    #expect(lines(6, 1, Gauge(0.5, label: "50 %")) == ["50 %"])
  }

  @Test func sparklineScalesToItsValues() {
    #expect(lines(8, 1, Sparkline([0, 1, 2, 3, 4, 5, 6, 7])) == ["▁▂▃▄▅▆▇█"])
    #expect(lines(4, 1, Sparkline([9, 9, 0, .nan, 7])) == ["█▁ ▆"])
    #expect(lines(5, 1, Sparkline([0, 1, 2, 3, 4]), .ascii) == ["_.-=#"])
    #expect(lines(3, 1, Sparkline([5, 5, 5], range: 0...5)) == ["███"])
  }

  @Test func stackedBarSharesItsWidth() {
    let bar = StackedBar(
      [
        BarSegment("conv", 5, style: .series(0)), BarSegment("fc", 3, style: .series(1)),
        BarSegment("x", 2, style: .series(2)),
      ])
    #expect(lines(20, 1, bar) == ["██ conv ██▓ fc ▓▒▒▒▒"])
    #expect(lines(20, 1, bar, .ascii) == ["## conv ##= fc =++++"])
    #expect(lines(20, 1, StackedBar(bar.segments, total: 20, rule: 20)) == ["█████▓▓▓▒▒         │"])
    #expect(lines(10, 1, StackedBar([BarSegment("a", .nan, style: .text)])) == [""])
  }

  @Test func histogramDrawsBarsAndEnds() {
    let histogram = Histogram(counts: [1, 2, 4, 8, 4, 2, 1, 0], lower: -1, upper: 1)
    #expect(lines(8, 2, histogram) == ["   █", "▂▄███▄▂"])
    #expect(
      lines(16, 4, histogram) == [
        "      ██",
        "    ▄▄██▄▄",
        "▃▃▆▆██████▆▆▃▃",
        "-1.00       1.00",
      ])
  }

  @Test func histogramOfManyBinsHasNoSpikes() {
    let flat = Histogram(counts: Array(repeating: 5, count: 40), lower: 0, upper: 1)
    #expect(lines(24, 1, flat) == [String(repeating: "█", count: 24)])
  }

  @Test func lineChartWithRuleAndGap() {
    let chart = LineChart(
      series: [LineSeries([0.90, 0.92, 0.94, .nan, 0.98])], rules: [LineRule(0.98, label: "original")],
      format: .percent)
    #expect(
      lines(32, 6, chart) == [
        "100 %┤",
        "     │┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄ original ⠐",
        " 95 %┤",
        "     │           ⣀⡠⠄",
        "     │     ⣀⠤⠔⠒⠉⠉",
        " 90 %┤⣀⠤⠒⠊⠉",
      ])
    #expect(
      lines(32, 6, chart, .ascii) == [
        "100 %+",
        "     |--------------- original '",
        " 95 %+",
        "     |            ..",
        "     |     ...''''",
        " 90 %+..'''",
      ])
    #expect(lines(8, 3, chart) == ["┄┄┄┄┄┄┄⠠", "   ⢀⡀", "⡠⠔⠊⠁"])
  }

  @Test func theBandLiesUnderTheLine() {
    let values = [2e-4, 2.1e-4, 1.9e-4, 2e-4]
    let chart = LineChart(
      series: [LineSeries(values)], band: LineBand(lower: values, upper: [3e-4, 3.2e-4, 2.4e-4, 2.5e-4]),
      format: .seconds)
    #expect(
      lines(24, 6, chart) == [
        "400 us┤",
        "      │ ⢀⢀⢀⢀⢄⢀",
        "300 us┤⢕⢕⢕⢕⢕⢕⢕⢕⢔⢄⢀   ⢀⢀⢀",
        "200 us┤⣕⣕⣕⣕⣕⣕⣕⣕⣕⢕⢕⢕⢕⢕⣕⣕⣕",
        "      │        ⠈⠉⠉⠉⠉⠉",
        "100 us┤",
      ])
  }

  @Test func lastStepsLeaveTheOldOnesOut() {
    let all = LineChart(series: [LineSeries([9, 9, 9, 1, 2, 1])], lastSteps: 3)
    #expect(lines(30, 5, all) == lines(30, 5, LineChart(series: [LineSeries([1, 2, 1])])))
  }

  @Test func dotGridUsesTheMarkersOwnDots() {
    for (marker, wanted) in [(PlotMarker.braille, ["⠑⢄"]), (.block, ["▀▄"]), (.ascii, ["'."])] {
      var grid = DotGrid(size: Size(width: 2, height: 1), marker: marker)
      let last = Point(x: grid.dots.width - 1, y: grid.dots.height - 1)
      grid.line(from: Point(x: 0, y: 0), to: last, style: .series(0))
      grid.set(-1, 0, style: .bad)
      grid.set(0, 99, style: .bad)
      var canvas = Canvas(width: 2, height: 1, glyphs: GlyphSet(isUnicode: marker != .ascii, marker: marker))
      grid.draw(on: &canvas)
      #expect(canvas.lines == wanted)
    }
  }

  @Test func markersCycleAndAsciiForcesItself() {
    #expect(PlotMarker.allCases.map(\.next) == [.block, .ascii, .braille])
    #expect(GlyphSet(isUnicode: false, marker: .braille).marker == .ascii)
  }
}
