import Evaluation
import TensorCore
import Testing

@Suite struct PairedComparisonTests {
  /// The worked example of Newcombe 1998, method 10: 0.2000 (0.0569, 0.3404). His first sample is our compressed one.
  @Test func newcombesExample() {
    let pairs = PairedComparison(both: 36, onlyOriginal: 2, onlyCompressed: 12, neither: 0)
    #expect(abs(pairs.difference - 0.2) < 1e-12)
    #expect(abs(pairs.differenceInterval.low - 0.0569) < 5e-5)
    #expect(abs(pairs.differenceInterval.high - 0.3404) < 5e-5)
  }

  @Test func correlationIsCorrectedForContinuity() {
    let pairs = PairedComparison(both: 30, onlyOriginal: 5, onlyCompressed: 10, neither: 55)
    #expect(abs(pairs.differenceInterval.low - -0.027408110343940306) < 1e-12)
    #expect(abs(pairs.differenceInterval.high - 0.12637859369083534) < 1e-12)
  }

  @Test func noDiscordantPairsStillLeaveDoubt() {
    let pairs = PairedComparison(both: 95, onlyOriginal: 0, onlyCompressed: 0, neither: 5)
    #expect(pairs.difference == 0)
    #expect(abs(pairs.differenceInterval.low - -0.03845042651048169) < 1e-12)
    #expect(abs(pairs.differenceInterval.high - 0.03845042651048169) < 1e-12)
  }

  @Test func everythingRightHasEmptyMargins() {
    let pairs = PairedComparison(both: 10, onlyOriginal: 0, onlyCompressed: 0, neither: 0)
    #expect(pairs.differenceInterval.low.isFinite && pairs.differenceInterval.low < 0)
    #expect(abs(pairs.differenceInterval.high - 0.2775327998628892) < 1e-12)
  }

  @Test func noSamplesMeanNothingIsKnown() {
    #expect(PairedComparison().differenceInterval == Interval(low: -1, high: 1))
  }

  @Test func countingFillsTheTable() {
    var pairs = PairedComparison()
    pairs.add(original: true, compressed: true)
    pairs.add(original: true, compressed: false)
    pairs.add(original: false, compressed: true)
    pairs.add(original: false, compressed: false)
    pairs.add(original: true, compressed: false)
    #expect(pairs == PairedComparison(both: 1, onlyOriginal: 2, onlyCompressed: 1, neither: 1))
    #expect(pairs.originalCorrect == 3 && pairs.compressedCorrect == 2)
    #expect(abs(pairs.difference - -0.2) < 1e-12)
  }

  /// Over seeded pairs with a known difference the interval should hold it in about 95 % of the trials.
  @Test func coverageIsNearNominal() {
    var generator = SeededGenerator(seed: 4)
    var covered = 0
    for _ in 0..<1000 {
      var pairs = PairedComparison()
      for _ in 0..<150 {
        let draw = generator.uniform()
        pairs.add(original: draw < 0.9, compressed: draw < 0.8 || draw > 0.97)
      }
      let interval = pairs.differenceInterval
      // True difference: 0.83 - 0.90.
      if interval.low <= -0.07 && -0.07 <= interval.high { covered += 1 }
    }
    #expect((920...985).contains(covered))
  }

  @Test func readingCarriesBothModels() {
    let pairs = PairedComparison(both: 75, onlyOriginal: 6, onlyCompressed: 0, neither: 182)
    let reading = AccuracyReading(metric: .top1, comparison: pairs, totalSamples: 500, data: "d")
    // Wilson for 81 of 263 (Newcombe 1998, doi:10.1002/(SICI)1097-0258(19980430)17:8<857::AID-SIM777>3.0.CO;2-E).
    #expect(abs(reading.originalInterval.low - 0.2553) < 5e-5)
    #expect(abs(reading.originalInterval.high - 0.3662) < 5e-5)
    #expect(abs(reading.value - 75.0 / 263) < 1e-12)
    #expect(reading.onlyOriginalCorrect == 6 && reading.samples == 263 && reading.totalSamples == 500)
  }
}
