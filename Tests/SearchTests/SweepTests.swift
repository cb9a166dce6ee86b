import Compression
import Evaluation
import Foundation
import Recipes
import Search
import Testing

@Suite struct SweepGridTests {
  @Test func rangesIncludeTheirEndAndStayRound() throws {
    let grid = try SweepGrid([.prune: "0:0.9:0.1"])
    #expect(grid.recipes.map(\.model.prune) == [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9])
  }

  @Test func combinationsComeInAFixedOrder() throws {
    let grid = try SweepGrid([
      .prune: "0,0.5", .weightBits: "32, 8,1.58", .activationBits: "32,8", .rank: "1,0.5",
    ])
    #expect(grid.recipes.count == 24)
    #expect(grid.recipes[0] == .identity)
    #expect(grid.recipes[1].model.prune == 0.5)
    #expect(grid.recipes[2].model.weightBits == .quantized(.int8))
    #expect(grid.recipes[6].model.activationBits == .int8)
    #expect(grid.recipes[12].model.rank == 0.5)
    #expect(grid.recipes == grid.recipes)
  }

  @Test func repeatedValuesGiveOneRecipe() throws {
    #expect(try SweepGrid([.prune: "0,0,0.5"]).recipes.count == 2)
  }

  @Test func theBaseKeepsItsMethodsAndLayers() throws {
    var base = Recipe.identity
    base.model.pattern = .channels
    var override = LayerOverride()
    override.rank = 0.25
    base.layers["fc"] = override
    let recipes = try SweepGrid([.prune: "0,0.5"], base: base).recipes
    #expect(recipes.allSatisfy { $0.model.pattern == .channels && $0.layers["fc"] == override })
  }

  @Test(arguments: [
    "", "0:1", "0:0.9:0", "0:0.9:-0.1", "0.9:0:0.1", "a", "0,,1", "nan", "0:inf:0.1", "1:2:3:4",
  ])
  func badRangesAreNamed(text: String) {
    #expect(throws: SearchError.self) { try SweepGrid([.prune: text]) }
  }

  @Test func valuesOutsideTheKnobAreNamed() {
    #expect(
      throws: SearchError.outOfBounds(knob: "prune", value: "1.0", allowed: "0.0 to 0.99")
    ) { try SweepGrid([.prune: "0,1"]) }
    #expect(throws: SearchError.self) { try SweepGrid([.weightBits: "32,7"]) }
    #expect(throws: SearchError.self) { try SweepGrid([.activationBits: "5"]) }
    #expect(throws: SearchError.self) { try SweepGrid([.rank: "0"]) }
  }

  @Test func endlessSweepsAreRefused() {
    #expect(throws: SearchError.self) { try SweepGrid([.prune: "0:0.99:1e-12"]) }
    #expect(throws: SearchError.self) { try SweepGrid([.prune: "0:0.9:0.001", .rank: "0.01:1:0.001"]) }
  }
}

@Suite struct SweepRunnerTests {
  private struct Failure: Error {}

  private static func measurement(_ bytes: Int) -> Readings {
    Readings(
      stage: .settled, size: SizeReading(bytes: bytes, originalBytes: 10, parameters: 1, nonzeros: 1))
  }

  @Test func yieldsInOrderSkipsWhatIsDoneAndSurvivesAFailure() async throws {
    let recipes = try SweepGrid([.prune: "0:0.9:0.1"]).recipes
    let runner = SweepRunner(recipes: recipes) { recipe in
      if recipe.model.prune == 0.5 { throw Failure() }
      return SweepRunnerTests.measurement(Int(recipe.model.prune * 10))
    }
    var indices: [Int] = []
    var failed: [Int] = []
    for try await result in runner.results(skipping: [recipes[0], recipes[3]]) {
      #expect(result.total == 10 && result.recipe == recipes[result.index])
      indices.append(result.index)
      if case .failure = result.outcome { failed.append(result.index) }
    }
    #expect(indices == [1, 2, 4, 5, 6, 7, 8, 9])
    #expect(failed == [5])
  }

  /// The fourth recipe holds until the sweep is cancelled and then fails, which by itself would not end a sweep.
  @Test(.timeLimit(.minutes(1))) func cancellingStopsTheWork() async throws {
    let (cancelled, continuation) = AsyncStream.makeStream(of: Int.self)
    let started = Counter()
    // In a scope of its own: the stream of cancelled recipes ends with the last holder of the sweep's work.
    func sweep() async throws {
      let end = EndOfWork(continuation)
      let runner = SweepRunner(recipes: try SweepGrid([.prune: "0:0.9:0.1"]).recipes) { _ in
        let place = await started.increment()
        guard place > 3 else { return SweepRunnerTests.measurement(1) }
        try? await Task.sleep(for: .seconds(3600))
        end.continuation.yield(place)
        throw Failure()
      }
      var seen = 0
      for try await _ in runner.results() {
        seen += 1
        if seen == 3 { break }
      }
    }
    try await sweep()
    var places: [Int] = []
    for await place in cancelled { places.append(place) }
    #expect(places == [] || places == [4])
    #expect(await started.value <= 4)
  }
}

private actor Counter {
  private(set) var value = 0
  func increment() -> Int {
    value += 1
    return value
  }
}

/// Ends a stream when nobody holds it any more.
private final class EndOfWork: Sendable {
  let continuation: AsyncStream<Int>.Continuation
  init(_ continuation: AsyncStream<Int>.Continuation) { self.continuation = continuation }
  deinit { continuation.finish() }
}
