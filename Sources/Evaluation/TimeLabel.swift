import Foundation

/// A time with its unit, three significant digits: "31.2 ns", "1.20 us".
struct TimeLabel: CustomStringConvertible {
  let nanoseconds: Double

  init(_ nanoseconds: Double) { self.nanoseconds = nanoseconds }

  var description: String {
    let units = [("ns", 1.0), ("us", 1e3), ("ms", 1e6), ("s", 1e9)]
    let (name, size) = units.first { nanoseconds / $0.1 < 999.5 } ?? ("s", 1e9)
    let value = nanoseconds / size
    let digits = value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2
    return String(format: "%.\(digits)f", value) + " " + name
  }
}
