import Foundation
import Kernels
import Testing

@Suite("Row-wise vector kernels")
struct VectorRowTests {
  /// Runs `kernel` over random rows of every length and compares with `exact` on each row.
  private func check(
    _ name: String, range: ClosedRange<Float> = -4...4, tolerance: Double = 2e-6,
    kernel: (VectorTable, Int, Int, [Float], UnsafeMutablePointer<Float>) -> Void,
    exact: ([Double]) -> [Double]
  ) throws {
    var random = Seeded(4)
    for level in levels {
      for length in vectorLengths {
        let rows = Int.random(in: 0...3, using: &random)
        let x = random.floats(rows * length, in: range)
        let expected = (0..<rows).flatMap { exact(x[$0 * length..<($0 + 1) * length].map(Double.init)) }
        let found = try #require(
          guarded(expected.count, fill: 9) { kernel(.for(level), rows, length, x, $0) },
          "\(name) of \(rows) x \(length) writes outside its output at \(level)")
        let worst =
          zip(found, expected).map { same($0, Float($1)) ? 0 : abs(Double($0) - $1) / (1 + abs($1)) }.max()
          ?? 0
        #expect(worst <= tolerance, "\(name) of \(rows) x \(length) at \(level)")
      }
    }
  }

  @Test func softmax() throws {
    try check("softmax", range: -40...40, kernel: { $0.kernels.pointee.f32_softmax_rows($1, $2, $3, $4) }) {
      row in
      let peak = row.max() ?? 0
      let powers = row.map { exp($0 - peak) }
      let sum = powers.reduce(0, +)
      return powers.map { $0 / sum }
    }
  }

  @Test func logSoftmax() throws {
    try check("log-softmax", kernel: { $0.kernels.pointee.f32_log_softmax_rows($1, $2, $3, $4) }) { row in
      let peak = row.max() ?? 0
      let shift = log(row.map { exp($0 - peak) }.reduce(0, +))
      return row.map { $0 - peak - shift }
    }
  }

  @Test("softmax of huge and infinite values neither overflows nor hides a NaN")
  func softmaxSpecials() {
    for level in levels {
      let kernels = VectorTable.for(level).kernels
      let x: [Float] = [1e30, 1e30, -1e30, -.infinity] + [0, .nan, 1, 2]
      var found = [Float](repeating: 0, count: 8)
      kernels.pointee.f32_softmax_rows(2, 4, x, &found)
      #expect(Array(found[..<4]) == [0.5, 0.5, 0, 0])
      #expect(found[4...].allSatisfy { $0.isNaN })
    }
  }

  @Test("layer norm, with and without scale and shift")
  func layerNorm() throws {
    var random = Seeded(5)
    let (gamma, beta) = (random.floats(1000), random.floats(1000))
    for (scales, shifts) in [(false, false), (true, false), (false, true), (true, true)] {
      try check(
        "layer norm", tolerance: 5e-6,
        kernel: { table, rows, n, x, out in
          table.kernels.pointee.f32_layer_norm_rows(
            rows, n, x, scales ? gamma : nil, shifts ? beta : nil, 0.01, out)
        },
        exact: { row in
          let mean = row.reduce(0, +) / Double(row.count)
          let variance = row.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / Double(row.count)
          return row.enumerated().map { index, value in
            (value - mean) / (variance + 0.01).squareRoot() * (scales ? Double(gamma[index]) : 1)
              + (shifts ? Double(beta[index]) : 0)
          }
        })
    }
  }

  @Test func rootMeanSquareNorm() throws {
    var random = Seeded(6)
    let gamma = random.floats(1000)
    try check(
      "RMS norm", tolerance: 5e-6,
      kernel: { $0.kernels.pointee.f32_rms_norm_rows($1, $2, $3, gamma, 0.01, $4) },
      exact: { row in
        let mean = row.map { $0 * $0 }.reduce(0, +) / Double(row.count)
        return row.enumerated().map { $1 / (mean + 0.01).squareRoot() * Double(gamma[$0]) }
      })
  }

  @Test func sumsMeansAndMaxima() throws {
    try check("sum", kernel: { $0.kernels.pointee.f32_sum_rows($1, $2, $3, $4) }) { [$0.reduce(0, +)] }
    try check("mean", kernel: { $0.kernels.pointee.f32_mean_rows($1, $2, $3, $4) }) {
      [$0.isEmpty ? 0 : $0.reduce(0, +) / Double($0.count)]
    }
    try check("max", tolerance: 0, kernel: { $0.kernels.pointee.f32_max_rows($1, $2, $3, $4) }) {
      [$0.max() ?? -.infinity]
    }
  }

  @Test("max and argmax: the first of equals, the first NaN, and -1 for an empty row")
  func argMax() {
    var random = Seeded(7)
    for level in levels {
      let kernels = VectorTable.for(level).kernels
      for length in vectorLengths {
        for hasNaN in [false, true] where !(hasNaN && length == 0) {
          var x = (0..<length).map { _ in Float(Int.random(in: -3...3, using: &random)) }
          if hasNaN { x[Int.random(in: 0..<length, using: &random)] = .nan }
          var place = [Int64](repeating: 99, count: 1)
          var peak: [Float] = [0]
          kernels.pointee.f32_argmax_rows(1, length, x, &place)
          kernels.pointee.f32_max_rows(1, length, x, &peak)
          let best = x.firstIndex(where: \.isNaN) ?? x.max().flatMap { x.firstIndex(of: $0) } ?? -1
          #expect(place[0] == Int64(best), "\(x) at \(level)")
          #expect(same(peak[0], hasNaN ? .nan : x.max() ?? -.infinity), "\(x) at \(level)")
        }
      }
    }
  }
}
