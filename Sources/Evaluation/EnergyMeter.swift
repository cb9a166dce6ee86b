import Foundation

/// Reads the processor's own energy counter (Intel's and AMD's RAPL) through the kernel's powercap files.
///
/// See https://docs.kernel.org/power/powercap/powercap.html. Reading them usually needs privileges.
package struct EnergyMeter: Sendable {
  private let counters: [Counter]

  private struct Counter: Sendable {
    let file: String
    /// Microjoules at which the counter wraps to zero.
    let range: UInt64
  }

  /// Microjoules of every package at one moment.
  package struct Reading: Sendable, Hashable {
    fileprivate let microjoules: [UInt64]
  }

  /// The counters of all processor packages under `folder`; nil where there are none or they may not be read.
  package init?(folder: String = "/sys/class/powercap") {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    // A zone "intel-rapl:0" is a package; "intel-rapl:0:1" is a part of it and would count twice.
    let packages = names.filter { $0.hasPrefix("intel-rapl:") && $0.split(separator: ":").count == 2 }
    var found: [Counter] = []
    for name in packages.sorted() {
      let zone = folder + "/" + name
      guard EnergyMeter.text(zone + "/name")?.hasPrefix("package") == true,
        EnergyMeter.number(zone + "/energy_uj") != nil,
        let range = EnergyMeter.number(zone + "/max_energy_range_uj")
      else { continue }
      found.append(Counter(file: zone + "/energy_uj", range: range))
    }
    guard !found.isEmpty else { return nil }
    counters = found
  }

  /// The counters now; nil where one stopped being readable.
  package func read() -> Reading? {
    let values = counters.compactMap { EnergyMeter.number($0.file) }
    return values.count == counters.count ? Reading(microjoules: values) : nil
  }

  /// Joules between two readings, over at most one wrap of each counter.
  package func joules(from start: Reading, to end: Reading) -> Double {
    var total = 0.0
    for (index, counter) in counters.enumerated() {
      let (low, high) = (start.microjoules[index], end.microjoules[index])
      total += high >= low ? Double(high - low) : Double(counter.range) - Double(low) + Double(high)
    }
    return total * 1e-6
  }

  private static func text(_ path: String) -> String? {
    (try? String(contentsOfFile: path, encoding: .utf8))?.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  private static func number(_ path: String) -> UInt64? { text(path).flatMap(UInt64.init) }
}
