import Compression
import Evaluation
import Foundation
import Recipes
import Session
import TensorCore
import TerminalUI
import Testing
import Workbench

/// Whatever the state has to say can be read, on any screen that it is shown on.
@Suite("Reach")
struct ReachTests {
  static let sizes = [(60, 20), (80, 24), (100, 30), (120, 36), (200, 60)]

  /// Names that differ in the middle, at the end or in one letter, longer than any column.
  static let layers = [
    "/model/transformer/encoder/block_of_many_kinds.11/attention/self/output_projection/dense/MatMul",
    "/model/transformer/encoder/block_of_many_kinds.12/attention/self/output_projection/dense/MatMul",
    "/model/transformer/encoder/block_of_many_kinds.12/attention/self/output_projection/dense/Gemm",
    "/model/transformer/解码器/layer_with_wide_characters/卷積層/Conv",
  ]

  private static func words(_ stem: String, _ count: Int) -> String {
    (0..<count).map { "\(stem)\($0)" }.joined(separator: " ")
  }

  /// Long names, a recipe with overrides and methods, long remarks, notices and failures.
  private func bench(width: Int, height: Int) -> TestBench {
    var bench = TestBench(width: width, height: height)
    bench.state.subject.title = Self.words("title", 12)
    bench.state.subject.layers = Self.layers.map {
      LayerSummary(name: $0, kind: "Gemm 1024x1024", parameters: 1_048_576, bytes: 4_194_304)
    }
    var original = Readings.sample(of: .identity, accuracy: 0.95)
    original.layers = []
    bench.send(.reading(request: bench.state.request, original))
    for probe in bench.state.openProbes {
      bench.send(
        probe.layer == Self.layers[1]
          ? .probeFailed(probe, Self.words("unprobed", 20))
          : .probed(
            probe, DivergenceReading(relativeError: 0.03, changedAnswers: 0.016, samples: 64, data: "digits"))
      )
    }
    for command in [
      "prune 0.5", "criterion wanda", "pattern 2:4", "weight-bits 4", "rounding gptq", "granularity group32",
      "range mse", "equalization awq", "rank 0.25", "factorization tucker", "scope \(Self.layers[0])",
      "weight-bits 8", "scope \(Self.layers[1])", "prune 0.9", "scope model",
    ] {
      bench.press(":")
      bench.type(command)
      bench.press(.enter)
    }
    var readings = Readings.sample(of: bench.state.recipe, accuracy: 0.93)
    readings.layers = Self.layers.map { name in
      LayerReading(
        name: name, kind: "Gemm 1024x1024",
        size: LayerSize(
          originalBytes: 4_194_304, bytes: 600_000, parameters: 1, nonzeros: 1, form: "codes"),
        nanoseconds: 1e6, originalNanoseconds: 9e5, kernel: Self.words("kernel", 4),
        remarks: [Self.words("remark", 30), Self.words("another", 30)])
    }
    bench.send(.reading(request: bench.state.request, readings))
    bench.press("m", .shiftRight)
    bench.fail(Self.words("reason", 60))
    bench.send(.notice(Self.words("notice", 120)))
    bench.press(.escape)
    return bench
  }

  /// What stands on an overlay, or on the whole screen where there is none: its lines joined as words are, and as one word.
  private func texts(_ canvas: Canvas, isOverlay: Bool) -> [String] {
    let width = canvas.frameSize.width
    let trimmed = (0..<canvas.frameSize.height).flatMap { y in
      var row = ""
      for cell in canvas.cells[y * width..<(y + 1) * width]
      where !cell.isContinuation && (!isOverlay || cell.style.surface == .overlay) {
        row.append(cell.character)
      }
      return row.split(separator: "│").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    }
    return [trimmed.joined(separator: " "), trimmed.joined()]
  }

  /// Everything that is seen when one goes down to the end.
  private func walk(_ bench: inout TestBench, by key: KeyEvent = .down) -> [String] {
    var screen = bench.screen
    var seen = texts(screen, isOverlay: bench.state.overlay != nil)
    for _ in 0..<150 {
      bench.press(key)
      let next = bench.screen
      if next == screen { break }
      screen = next
      seen += texts(screen, isOverlay: bench.state.overlay != nil)
    }
    return seen
  }

  private func expect(
    _ text: String, in seen: [String], _ place: String, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let missing = text.split(whereSeparator: \.isWhitespace).filter { word in
      !seen.contains { $0.contains(word) }
    }
    #expect(missing.isEmpty, "\(place) lacks \(missing)", sourceLocation: sourceLocation)
  }

  @Test(arguments: sizes) func layersAreReadInFull(width: Int, height: Int) {
    var bench = bench(width: width, height: height)
    bench.press("u", .tab, .home)
    for name in Self.layers {
      bench.press("i")
      let seen = walk(&bench)
      expect(name, in: seen, "layer")
      for word in ["kernel", "remark", "another"] {
        expect(Self.words(word, word == "kernel" ? 4 : 30), in: seen, name)
      }
      if name == Self.layers[1] { expect(Self.words("unprobed", 20), in: seen, name) }
      for title in ["size%", "hurt%", "time%"] { expect(title, in: seen, name) }
      bench.press(.escape, .down)
    }
  }

  /// However little room there is, and by what differs where there is room for that.
  @Test func longNamesStayApart() {
    let projections = (0..<12).flatMap { layer in
      ["q", "k", "v", "o"].map { "model/decoder/layers.\(layer)/self_attn/\($0)_proj" }
    }
    for names in [Self.layers, projections] {
      for columns in 9...120 {
        let cut = names.distinct(in: columns)
        #expect(
          Set(cut).count == names.count && cut.allSatisfy { DisplayWidth.of($0) <= columns }, "\(columns)")
      }
    }
    #expect(projections.distinct(in: 15).first == "…0/self…/q_proj")
  }

  @Test(arguments: sizes) func recipesAreReadInFull(width: Int, height: Int) {
    var bench = bench(width: width, height: height)
    let recipe = bench.state.history.variants.first { $0.mark != nil }?.recipe ?? .identity
    func expectAll(_ keys: KeyEvent..., place: String) {
      for key in keys { bench.press(key) }
      let seen = walk(&bench)
      expect(recipe.summary, in: seen, place)
      for name in Self.layers.prefix(2) { expect(name, in: seen, place) }
      for setting in Setting.allCases where !setting.isStandard(in: recipe.model) {
        expect("\(setting.title) \(setting.label(of: recipe.model))", in: seen, place)
      }
      expect(bench.state.subject.title, in: seen, place)
      bench.press(.escape)
    }
    bench.press("u")
    expectAll("R", place: "recipe")
    bench.press("a")
    expectAll("R", place: "recipe of the table")
    bench.press(.escape, "c")
    var seen = walk(&bench)
    for _ in 0..<8 {
      bench.press(.right, .pageUp, .pageUp)
      seen += walk(&bench)
    }
    expect(recipe.summary, in: seen, "compare")
  }

  @Test(arguments: sizes) func reasonsAndNoticesAreReadInFull(width: Int, height: Int) {
    var bench = bench(width: width, height: height)
    bench.press("R")
    var seen = walk(&bench)
    expect(Self.words("reason", 60), in: seen, "recipe")
    bench.press(.escape, "n")
    seen = walk(&bench)
    expect(Self.words("reason", 60), in: seen, "notices")
    expect(Self.words("notice", 120), in: seen, "notices")
  }

  /// What every key does, wherever it works.
  @Test(arguments: [(60, 20), (200, 60)]) func helpIsReadInFull(width: Int, height: Int) throws {
    for (place, keys) in KeyTests.places {
      var bench = TestBench(width: width, height: height)
      bench.settle()
      for key in keys { bench.press(key) }
      let sections = bench.state.keySections
      bench.press(.function(1))
      let seen = walk(&bench)
      for row in sections.flatMap(\.rows) { expect(row.binding.description, in: seen, place) }
    }
  }

  @Test(arguments: [(60, 20), (200, 60)]) func choicesAreReadInFull(width: Int, height: Int) {
    for knob in Setting.allCases where knob.options != nil {
      var bench = TestBench(width: width, height: height)
      bench.settle()
      bench.state.knob = knob
      bench.press(.enter, .home)
      let seen = walk(&bench)
      for option in knob.options ?? [] {
        expect(option.label, in: seen, knob.key)
        expect(option.note.text, in: seen, knob.key)
      }
    }
  }

  @Test(arguments: [(60, 20), (200, 60)]) func thePaletteTellsAllOfEachCommand(width: Int, height: Int) {
    var bench = TestBench(width: width, height: height)
    bench.settle()
    bench.press(":")
    let seen = walk(&bench)
    for command in Command.all(bench.state) {
      expect("\(command.name) \(command.argument) \(command.description)", in: seen, command.name)
    }
  }
}
