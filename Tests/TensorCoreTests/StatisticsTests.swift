import TensorCore
import Testing

@Suite("Statistics")
struct StatisticsTests {
  /// Reference values: Newcombe 1998, table I, method 3 (81 of 263, 15 of 148, 0 of 20, 1 of 29).
  @Test(arguments: [
    (81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718),
  ])
  func wilsonMatchesPublishedValues(successes: Int, trials: Int, low: Double, high: Double) {
    let interval = Statistics.wilson(successes: successes, trials: trials)
    #expect(abs(interval.low - low) < 5e-5)
    #expect(abs(interval.high - high) < 5e-5)
  }

  @Test func nothingKnownWithoutTrials() {
    #expect(Statistics.wilson(successes: 0, trials: 0) == Interval(low: 0, high: 1))
    #expect(Statistics.median([]) == nil)
  }

  @Test func quantilesInterpolate() {
    #expect(Statistics.median([3, 1, 2]) == 2)
    #expect(Statistics.median([4, 1, 2, 3]) == 2.5)
    #expect(Statistics.quantile(0.95, ofSorted: [0, 10]) == 9.5)
  }

  @Test func generatorIsReproducible() {
    var first = SeededGenerator(seed: 7)
    var second = SeededGenerator(seed: 7)
    #expect((0..<5).map { _ in first.next() } == (0..<5).map { _ in second.next() })
    #expect((0..<1000).allSatisfy { _ in (0..<1).contains(first.uniform()) })
  }
}
