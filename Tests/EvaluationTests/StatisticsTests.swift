import Compression
import Evaluation
import Execution
import Foundation
import Recipes
import TensorCore
import Testing

@Suite struct MedianIntervalTests {
  /// Ranks from the binomial tables in Conover 1999: 95 % ranks for the median.
  @Test(arguments: [(6, 1), (9, 2), (10, 2), (20, 6), (50, 18), (100, 40), (300, 133)])
  func ranks(count: Int, rank: Int) throws {
    let values = (1...count).map(Double.init)
    let interval = try #require(Statistics.medianInterval(ofSorted: values))
    #expect(interval == Interval(low: Double(rank), high: Double(count + 1 - rank)))
  }

  @Test func fewValuesGiveTheirRange() {
    #expect(Statistics.medianInterval(ofSorted: [1, 2, 5]) == Interval(low: 1, high: 5))
    #expect(Statistics.medianInterval(ofSorted: []) == nil)
  }

  @Test func manyValuesAgreeWithTheApproximation() throws {
    let exact = try #require(Statistics.medianInterval(ofSorted: (0..<500).map(Double.init)))
    let approximate = try #require(Statistics.medianInterval(ofSorted: (0..<501).map(Double.init)))
    #expect(abs(exact.low - approximate.low) <= 1 && abs(exact.high - approximate.high) <= 2)
  }
}

@Suite struct ErrorComparisonTests {
  @Test func scoresAreOneLessErrorOverVariance() {
    var errors = ErrorComparison(variance: 4)
    for (first, second) in [(0.0, 1.0), (2.0, 3.0), (1.0, 2.0)] {
      errors.add(original: first, compressed: second)
    }
    let reading = errors.reading(totalSamples: 3, data: "d")
    #expect(reading.metric == .r2)
    #expect(abs(reading.originalValue - 0.75) < 1e-12)
    #expect(abs(reading.value - 0.5) < 1e-12)
    #expect(abs(reading.difference - -0.25) < 1e-12)
    // Every pair differs by exactly one, so the paired difference is certain although the values are not.
    #expect(reading.differenceInterval.high - reading.differenceInterval.low < 1e-12)
    #expect(reading.interval.high - reading.interval.low > 0.1)
  }
}

@Suite struct EvaluationOrderTests {
  @Test func isAFixedPermutation() {
    let order = EvaluationOrder.permutation(count: 1000)
    #expect(order == EvaluationOrder.permutation(count: 1000))
    #expect(order.sorted() == Array(0..<1000))
    #expect(order != Array(0..<1000))
    #expect(order != EvaluationOrder.permutation(count: 1000, seed: 1))
  }

  @Test(arguments: [0, 1, 2]) func smallCounts(count: Int) {
    #expect(EvaluationOrder.permutation(count: count).sorted() == Array(0..<count))
  }

  @Test func anEarlyChunkHasEveryClassOfSortedLabels() {
    let early = EvaluationOrder.permutation(count: 5000).prefix(512).map { $0 / 500 }
    for label in 0..<10 { #expect(early.count { $0 == label } > 25) }
  }
}

@Suite struct MeterTests {
  @Test func carbonOfAKilowattHour() {
    #expect(CarbonIntensity(gramsPerKilowattHour: 400).grams(joules: 3_600_000) == 400)
    #expect(CarbonIntensity(gramsPerKilowattHour: -1).grams(joules: 1) == 0)
  }

  @Test func meterReadsPackagesAndWraps() throws {
    let folder = try TemporaryFolder()
    try folder.write("package-0\n", to: "intel-rapl:0/name")
    try folder.write("900\n", to: "intel-rapl:0/energy_uj")
    try folder.write("1000\n", to: "intel-rapl:0/max_energy_range_uj")
    try folder.write("core\n", to: "intel-rapl:0:0/name")
    try folder.write("5\n", to: "intel-rapl:0:0/energy_uj")
    let meter = try #require(EnergyMeter(folder: folder.path))
    let start = try #require(meter.read())
    try folder.write("200\n", to: "intel-rapl:0/energy_uj")
    let end = try #require(meter.read())
    #expect(abs(meter.joules(from: start, to: end) - 300e-6) < 1e-15)
  }

  @Test func noCountersMeanNoMeter() throws {
    #expect(EnergyMeter(folder: "/nonexistent") == nil)
    let folder = try TemporaryFolder()
    try folder.write("package-0\n", to: "intel-rapl:0/name")
    #expect(EnergyMeter(folder: folder.path) == nil)
  }
}

@Suite struct MachineDescriptionTests {
  @Test func namesWhatMatters() {
    let machine = MachineDescription.current(level: .portable, threads: 2)
    #expect(!machine.processor.isEmpty && machine.cores >= 1 && machine.memoryBytes > 0)
    #expect(machine.summary.contains("portable"))
    var other = machine
    other.threads = 1
    #expect(other.key != machine.key)
  }
}

/// A folder that goes when the test ends.
final class TemporaryFolder {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "paretop-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  func write(_ text: String, to name: String) throws {
    let file = path + "/" + name
    try FileManager.default.createDirectory(
      atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try text.write(toFile: file, atomically: true, encoding: .utf8)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
