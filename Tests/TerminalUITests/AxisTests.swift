import Foundation
import Testing
import TerminalUI

@Suite("Axis")
struct AxisTests {
  @Test(arguments: 0..<400) func ticksRiseAndCoverTheValues(seed: Int) {
    var random = SeededGenerator(seed: UInt64(seed))
    let scale: Axis.Scale = seed.isMultiple(of: 2) ? .linear : .logarithmic
    let magnitude = pow(10, Double.random(in: -30...30, using: &random))
    let center = Double.random(in: -1...1, using: &random) * magnitude
    let spread = pow(10, Double.random(in: -12...6, using: &random)) * magnitude
    let values = (0..<Int.random(in: 1...6, using: &random)).map { _ in
      let value = center + Double.random(in: -1...1, using: &random) * spread
      return scale == .linear ? value : abs(value) + magnitude * 1e-20
    }
    let count = Int.random(in: -1...12, using: &random)
    let axis = Axis(covering: values + [.nan, .infinity], scale: scale, tickCount: count)
    #expect(axis.ticks.count >= 2)
    #expect(axis.ticks.count <= max(2, count) + 4)
    #expect(zip(axis.ticks, axis.ticks.dropFirst()).allSatisfy { $0 < $1 }, "\(axis.ticks)")
    for value in values {
      #expect(axis.lower <= value && value <= axis.upper, "\(value) outside \(axis.ticks)")
    }
    #expect(axis.ticks.allSatisfy { axis.fraction(of: $0) != nil })
    #expect(axis.fraction(of: axis.lower) == 0)
    #expect(axis.fraction(of: axis.upper) == 1)
  }

  @Test func awkwardRangesStillHaveTicks() {
    for scale in [Axis.Scale.linear, .logarithmic] {
      for first in awkwardValues {
        for second in awkwardValues {
          let axis = Axis(covering: [first, second], scale: scale)
          #expect(axis.ticks.count >= 2)
          #expect(axis.ticks.allSatisfy { $0.isFinite })
          #expect(zip(axis.ticks, axis.ticks.dropFirst()).allSatisfy { $0 < $1 })
        }
      }
    }
  }

  @Test func ticksAreRound() {
    #expect(Axis(covering: [0.3, 9.2], tickCount: 5).ticks == [0, 2, 4, 6, 8, 10])
    #expect(Axis(covering: [0, 100], tickCount: 4).ticks == [0, 50, 100])
    #expect(Axis(covering: [300, 4800], scale: .logarithmic).ticks == [200, 500, 1000, 2000, 5000])
    #expect(Axis(covering: [0.5, 5e6], scale: .logarithmic, tickCount: 3).ticks.count <= 5)
    #expect(Axis(covering: []).ticks == [0, 0.5, 1] || Axis(covering: []).ticks == [0, 1])
  }

  @Test func valuesWithoutAPlaceHaveNone() {
    let axis = Axis(covering: [1, 10], scale: .logarithmic)
    for value in [0, -3, .nan, .infinity] as [Double] { #expect(axis.fraction(of: value) == nil) }
    #expect(Axis(covering: [0, 1]).fraction(of: -5) == 0)
  }

  @Test func labelsShareUnitAndDigits() {
    func labels(_ values: [Double], _ format: NumberFormat, _ count: Int = 4) -> [String] {
      format.labels(for: Axis(covering: values, tickCount: count))
    }
    #expect(labels([0.971, 0.979], .percent, 2) == ["97.0 %", "97.5 %", "98.0 %"])
    #expect(labels([0, 1.2e6], .bytes, 3) == ["0.0 MB", "0.5 MB", "1.0 MB", "1.5 MB"])
    #expect(labels([2e-4, 3e-4], .seconds, 2) == ["200 us", "250 us", "300 us"])
    #expect(labels([0, 1e9], .plain, 2) == ["0", "5.00e8", "1.00e9"])
    let sizes = Axis(covering: [300e3, 4.8e6], scale: .logarithmic)
    #expect(NumberFormat.bytes.labels(for: sizes) == ["200 KB", "500 KB", "1 MB", "2 MB", "5 MB"])
  }

  @Test(arguments: 0..<200) func labelsOfOneAxisDiffer(seed: Int) {
    var random = SeededGenerator(seed: UInt64(seed))
    let low = Double.random(in: 0...1, using: &random)
    let values = [low, low + pow(10, Double.random(in: -4...3, using: &random))]
    for format in [NumberFormat.plain, .bytes, .seconds, .percent, .count, .ratio, .joules] {
      let labels = format.labels(for: Axis(covering: values.map { format == .bytes ? $0 * 1e4 : $0 }))
      #expect(Set(labels).count == labels.count, "\(labels)")
    }
  }
}

@Suite("Number formats")
struct NumberFormatTests {
  @Test func unitsAndDigits() {
    #expect(
      [0, 512, 999, 1000, 12_345, 999_600, 4_800_000].map { NumberFormat.bytes.text($0) }
        == ["0 B", "512 B", "999 B", "1.00 KB", "12.3 KB", "1.00 MB", "4.80 MB"])
    #expect(
      [0, 212e-6, 1.5e-9, 0.0123, 2, 99.96, 3600].map { NumberFormat.seconds.text($0) }
        == ["0 ns", "212 us", "1.50 ns", "12.3 ms", "2.00 s", "100 s", "3600 s"])
    #expect(
      [0.978, 1, 0.0004, -0.12].map { NumberFormat.percent.text($0) }
        == ["97.8 %", "100.0 %", "0.0 %", "-12.0 %"])
    #expect([7, 1_200_000, 5000].map { NumberFormat.count.text($0) } == ["7", "1.20 M", "5.00 K"])
    #expect([2.94, 31.4, 0.5].map { NumberFormat.ratio.text($0) } == ["2.9x", "31.4x", "0.5x"])
    #expect([3.1e-3, 4e-12].map { NumberFormat.joules.text($0) } == ["3.10 mJ", "4.00 pJ"])
    #expect(
      [0, 0.1234, 12.34, 1e9, 1e-5, -2].map { NumberFormat.plain.text($0) }
        == ["0", "0.123", "12.3", "1.00e9", "1.00e-5", "-2.00"])
    #expect(NumberFormat.plain(decimals: 2).text(1.005) == "1.00")
  }

  @Test func whatIsNoNumberSaysSo() {
    for format in [NumberFormat.plain, .bytes, .seconds, .percent, .count, .ratio, .joules] {
      for value in [Double.nan, .infinity, -.infinity] {
        #expect(format.text(value) == "n/a")
        #expect(format.change(value) == "n/a")
      }
      for value in awkwardValues { #expect(!format.text(value).isEmpty) }
    }
  }

  @Test func changesCarryTheirSign() {
    #expect(NumberFormat.percent.change(-0.004) == "-0.4 pt")
    #expect(NumberFormat.percent.change(0.012) == "+1.2 pt")
    #expect(NumberFormat.percent.change(0.0001) == "0.0 pt")
    #expect(NumberFormat.bytes.change(1200) == "+1.20 KB")
    #expect(NumberFormat.bytes.change(-1200) == "-1.20 KB")
  }

  @Test func groupsOfThree() {
    #expect(
      [0, 999, 5000, -1_234_567, .min].map { NumberFormat.grouped($0) }
        == ["0", "999", "5 000", "-1 234 567", "-9 223 372 036 854 775 808"])
  }

  @Test(arguments: 0..<300) func fixedAgreesWithPrintf(seed: Int) {
    var random = SeededGenerator(seed: UInt64(seed))
    let value = Double.random(in: -1e6...1e6, using: &random)
    let decimals = Int.random(in: 0...6, using: &random)
    let mine = NumberFormat.fixed(value, decimals)
    let printed = String(format: "%.\(decimals)f", value)
    // Halves may be rounded the other way: the last digit may differ by one.
    let unit = pow(10, -Double(decimals))
    #expect(mine.count == printed.count || abs(value) < unit)
    #expect(abs((Double(mine) ?? .nan) - (Double(printed) ?? .nan)) <= unit * 1.0001)
  }
}
