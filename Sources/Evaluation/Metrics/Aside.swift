/// Something that is said of an output beside its metric, summed up sample by sample.
package struct Aside: Sendable {
  /// As JSON names it.
  let key: String
  /// Sums at the start.
  package let sums: [Double]
  package let add: @Sendable (inout [Double], _ answer: Judge.Numbers, _ wanted: Judge.Numbers) -> Void
  /// What the sums say; nil where they say nothing, as of equal outputs' noise.
  package let value: @Sendable ([Double]) -> Double?
}

/// What was found beside a metric, by its key in JSON.
package struct AsideReading: Codable, Hashable, Sendable {
  package var key: String
  package var value: Double

  package init(key: String, value: Double) {
    self.key = key
    self.value = value
  }

  /// Such as "PSNR 48.2 dB".
  package var text: String {
    switch key {
    case Aside.signalToNoise.key: "SNR \(rounded(1)) dB"
    case Aside.peakSignalToNoise.key: "PSNR \(rounded(1)) dB"
    case "kl": "KL \(rounded(value < 0.01 ? 6 : 4)) nats"
    case "miou": "mIoU \(AsideReading.fixed(value * 100, 1)) %"
    case Aside.wholeSamples.key: "\(AsideReading.fixed(value * 100, 1)) % of samples whole"
    default: "\(key) \(rounded(4))"
    }
  }

  private func rounded(_ decimals: Int) -> String { AsideReading.fixed(value, decimals) }

  /// With so many decimals.
  private static func fixed(_ value: Double, _ decimals: Int) -> String {
    guard value.isFinite, abs(value) < 1e12 else { return "\(value)" }
    var factor = 1.0
    for _ in 0..<decimals { factor *= 10 }
    let scaled = Int64((abs(value) * factor).rounded())
    let whole = scaled / Int64(factor)
    let rest = String(scaled % Int64(factor))
    let sign = value < 0 && scaled != 0 ? "-" : ""
    if decimals == 0 { return "\(sign)\(whole)" }
    return "\(sign)\(whole)." + String(repeating: "0", count: decimals - rest.count) + rest
  }
}
