import Foundation

extension Aside {
  /// Power of the wanted signal over that of the error, in decibel.
  package static let signalToNoise = Aside(key: "snr_db", sums: [0, 0]) { sums, answer, wanted in
    for (value, right) in zip(answer, wanted) {
      let error = Double(value) - Double(right)
      sums[0] += Double(right) * Double(right)
      sums[1] += error * error
    }
  } value: { sums in
    decibel(sums[0], over: sums[1])
  }

  /// The square of the range of the wanted values over the mean squared error, in decibel.
  package static let peakSignalToNoise = Aside(key: "psnr_db", sums: [0, 0, .infinity, -.infinity]) {
    sums, answer, wanted in
    for (value, right) in zip(answer, wanted) {
      let error = Double(value) - Double(right)
      sums[0] += error * error
      sums[2] = min(sums[2], Double(right))
      sums[3] = max(sums[3], Double(right))
    }
    sums[1] += Double(wanted.count)
  } value: { sums in
    let range = sums[3] - sums[2]
    return decibel(range * range, over: sums[0] / max(1, sums[1]))
  }

  private static func decibel(_ power: Double, over noise: Double) -> Double? {
    guard noise > 0, power > 0, noise.isFinite, power.isFinite else { return nil }
    return 10 * log10(power / noise)
  }
}
