import Glibc

/// Discrete Fourier transforms of complex lines, in float64: by halves while the length is even, else by the definition
/// (Cooley and Tukey 1965, doi:10.1090/S0025-5718-1965-0178586-1).
struct FourierTransform: Sendable {
  let length: Int
  /// cos and sin of 2 pi k / length.
  private let cosines: [Double]
  private let sines: [Double]

  init(length: Int, isInverse: Bool) {
    self.length = length
    let angles = (0..<length).map { 2 * Double.pi * Double($0) / Double(length) * (isInverse ? 1 : -1) }
    cosines = angles.map { cos($0) }
    sines = angles.map { sin($0) }
  }

  /// Multiplications that one transform takes, roughly: for refusing what would run for hours.
  static func cost(_ length: Int) -> Int {
    var (odd, halvings) = (max(length, 1), 0)
    while odd % 2 == 0 {
      odd /= 2
      halvings += 1
    }
    let (product, overflow) = length.multipliedReportingOverflow(by: odd + halvings)
    return overflow ? Int.max : product
  }

  func transformed(_ line: [(real: Double, imaginary: Double)]) -> [(real: Double, imaginary: Double)] {
    transformed(line, start: 0, step: 1, count: length)
  }

  private func transformed(
    _ line: [(real: Double, imaginary: Double)], start: Int, step: Int, count: Int
  ) -> [(real: Double, imaginary: Double)] {
    if count % 2 == 0, count > 0 {
      let even = transformed(line, start: start, step: 2 * step, count: count / 2)
      let odd = transformed(line, start: start + step, step: 2 * step, count: count / 2)
      var result = even + even
      for k in 0..<count / 2 {
        let (c, s) = (cosines[k * step], sines[k * step])
        let turned = (
          real: odd[k].real * c - odd[k].imaginary * s, imaginary: odd[k].real * s + odd[k].imaginary * c
        )
        result[k] = (even[k].real + turned.real, even[k].imaginary + turned.imaginary)
        result[k + count / 2] = (even[k].real - turned.real, even[k].imaginary - turned.imaginary)
      }
      return result
    }
    return (0..<count).map { k in
      var (real, imaginary) = (0.0, 0.0)
      for n in 0..<count {
        let at = k * n % count * step
        let value = line[start + n * step]
        real += value.real * cosines[at] - value.imaginary * sines[at]
        imaginary += value.real * sines[at] + value.imaginary * cosines[at]
      }
      return (real, imaginary)
    }
  }
}
