import Compression
import Evaluation
import Recipes
import TerminalUI
import Testing
import Workbench

@Suite("Legibility")
struct LegibilityTests {
  static let sizes = [(60, 16), (60, 20), (80, 24), (100, 30), (120, 36), (200, 60)]

  /// Whatever is in hand: every knob, and the row that the keys are for.
  @Test(arguments: sizes) func everyKnobIsSeen(width: Int, height: Int) {
    for knob in Setting.allCases {
      var bench = TestBench(width: width, height: height)
      bench.settle()
      bench.state.knob = knob
      let rows = bench.screen.lines.map { $0.prefix(27) }
      for other in Setting.knobs + [knob] {
        #expect(rows.contains { $0.contains(other.title.prefix(20)) }, "\(other.title) beside \(knob.title)")
      }
      #expect(rows.contains { $0.contains("▸ ") }, "\(knob.title)")
    }
  }

  @Test(arguments: sizes) func theSmallChartsNameWhatIsCounted(width: Int, height: Int) {
    var bench = TestBench(width: width, height: height)
    bench.settle()
    bench.press(.shiftRight)
    bench.settle(accuracy: 0.9)
    #expect(bench.text.split(separator: "steps").count > 2)
  }

  /// Before the first reading, and where the only score is the best or the worst there is.
  @Test(arguments: sizes) func axesStayWithinWhatCanBe(width: Int, height: Int) {
    for accuracy in [nil, 1.0, 0.0] {
      var bench = TestBench(width: width, height: height)
      if let accuracy {
        var readings = Readings.sample(of: .identity, accuracy: accuracy)
        readings.accuracy?.originalValue = accuracy
        readings.accuracy?.interval = .init(low: accuracy, high: accuracy)
        bench.send(.reading(request: bench.state.request, readings))
      }
      let ticks = bench.screen.lines.flatMap { $0.split(separator: "│") }.filter {
        $0.hasSuffix("┤") || $0.contains("┤")
      }
      #expect(!bench.text.contains(" -") && !bench.text.contains("-500"), "\(bench.text)")
      for percent in 101...120 { #expect(!bench.text.contains("\(percent) %┤")) }
      #expect(!ticks.contains { $0.hasPrefix("-") })
    }
  }

  @Test func axesWidenOnlyWithinTheirLimits() {
    #expect(Axis(covering: [1], tickCount: 6, limits: 0...1).upper == 1)
    #expect(Axis(covering: [0], limits: 0...1).lower == 0)
    #expect(Axis(covering: [0], limits: 0...Double.infinity).ticks.allSatisfy { $0 >= 0 })
    // A value is never left out.
    #expect(Axis(covering: [1.2, -3], limits: 0...1).lower <= -3)
    #expect(Axis(covering: [1.2, -3], limits: 0...1).upper >= 1.2)
  }

  @Test func headerAndStatusAgreeOnThreads() {
    var bench = TestBench()
    bench.settle()
    #expect(bench.screen.lines[0].hasSuffix("AVX2, 1 thread"))
    #expect(bench.screen.lines[34].hasSuffix("batch 1, 1 thread"))
  }

  /// Two columns each: nothing is cut in the middle, and what stands behind keeps its place.
  @Test(arguments: sizes) func wideNamesAreCutByColumns(width: Int, height: Int) {
    var bench = TestBench(width: width, height: height)
    bench.state.subject.title = "模型" + String(repeating: "層", count: 40) + ".onnx"
    bench.state.subject.layers[0].name = "卷積" + String(repeating: "層", count: 20)
    bench.settle()
    bench.press("w", "/")
    bench.type("卷積")
    for line in bench.screen.lines { #expect(DisplayWidth.of(line) <= width) }
    #expect(bench.text.contains("卷積"))
    #expect(bench.screen.lines[0].contains("AVX2"))
    #expect(width > 100 || bench.screen.lines[0].contains("…"))
  }
}
