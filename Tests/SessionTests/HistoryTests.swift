import Compression
import Evaluation
import Foundation
import Recipes
import Session
import TensorCore
import Testing

@Suite struct HistoryTests {
  private let start = Date(timeIntervalSince1970: 1_000_000)

  @Test func undoAndRedoMoveAlongThePath() {
    var history = History(created: start)
    history.visit(.pruned(0.5), at: start)
    history.visit(.pruned(0.6), at: start)
    #expect(history.current.id == 2)
    history.undo()
    #expect(history.current.recipe == .pruned(0.5))
    history.undo()
    history.undo()
    #expect(history.current.recipe == .identity && !history.canUndo)
    history.redo()
    history.redo()
    history.redo()
    #expect(history.current.recipe == .pruned(0.6) && !history.canRedo)
  }

  @Test func aNewBranchKeepsEveryVariant() {
    var history = History(created: start)
    history.visit(.pruned(0.5), at: start)
    history.undo()
    history.visit(.pruned(0.7), at: start)
    #expect(history.variants.map(\.recipe) == [.identity, .pruned(0.5), .pruned(0.7)])
    #expect(!history.canRedo)
    history.undo()
    #expect(history.current.id == 0)
  }

  @Test func equalRecipesShareAVariant() {
    var history = History(created: start)
    let first = history.visit(.pruned(0.5), at: start)
    history.visit(.identity, at: start)
    var again = Recipe.pruned(0.5)
    again.layers["fc"] = LayerOverride()
    #expect(history.visit(again, at: start + 5) == first)
    #expect(history.variants.count == 2)
    #expect(history.path == [0, 1, 0, 1])
    history.visit(.pruned(0.5), at: start)
    #expect(history.path.count == 4)
    history.visit(id: 99)
    #expect(history.current.id == 1)
  }

  @Test func aWorseStageDoesNotReplaceASettledMeasurement() {
    var history = History(created: start)
    history.record(.sample(stage: .settled), for: 0)
    history.record(.sample(stage: .first), for: 0)
    #expect(history.original.measurement?.stage == .settled)
    history.record(.sample(stage: .settled), for: 7)
  }

  @Test func marksAreLettersInOrderOfUse() {
    var history = History(created: start)
    for step in 1...30 { history.visit(.pruned(Double(step) / 100), at: start) }
    #expect(history.toggleMark(of: 3)?.letter == "A")
    #expect(history.toggleMark(of: 1)?.letter == "B")
    #expect(history.toggleMark(of: 3) == nil)
    #expect(history.toggleMark(of: 2)?.letter == "A")
    #expect(history.marked.map(\.variant.id) == [2, 1])
    for id in 4...30 { history.toggleMark(of: id) }
    #expect(history.marked.count == 26)
    #expect(history.variants[30].mark == nil)
    #expect(Mark(letter: "c").flatMap { history.variant(marked: $0) } != nil)
    #expect(Mark(letter: "1") == nil && Mark(letter: "é") == nil)
  }

  @Test func codingRoundTripsAndChecks() throws {
    var history = History(created: start)
    history.visit(.pruned(0.5), at: start)
    history.record(.sample(stage: .first), for: 1)
    history.toggleMark(of: 1)
    history.undo()
    let data = try JSONEncoder().encode(history)
    #expect(try JSONDecoder().decode(History.self, from: data) == history)
    #expect(History(variants: history.variants, path: [0, 5], cursor: 0) == nil)
    #expect(History(variants: history.variants, path: [0, 1], cursor: 2) == nil)
    #expect(History(variants: history.variants.reversed(), path: [0], cursor: 0) == nil)
    #expect(History(variants: [], path: [], cursor: 0) == nil)
  }
}

extension Recipe {
  static func pruned(_ share: Double) -> Recipe { Recipe(model: LayerSettings().with(\.prune, share)) }
}

extension Readings {
  static func sample(stage: Stage) -> Readings {
    let size = SizeReading(bytes: 100, originalBytes: 400, parameters: 100, nonzeros: 80)
    guard stage > .size else { return Readings(stage: stage, size: size) }
    return Readings(
      stage: stage, size: size,
      latency: LatencyReading(
        p50: 1000, p95: 1500.5, originalP50: 2000, originalP95: 2500, speedup: 2,
        speedupInterval: Interval(low: 1.9, high: 2.1), runs: 40, batch: 1, threads: 1),
      accuracy: AccuracyReading(
        metric: .top1,
        comparison: PairedComparison(both: 9, onlyOriginal: 1, onlyCompressed: 0, neither: 0),
        totalSamples: 10, data: "d"))
  }
}
