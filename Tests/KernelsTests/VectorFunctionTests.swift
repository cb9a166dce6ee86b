import Foundation
import Kernels
import Testing

/// A kernel of one element with what it should compute.
struct ElementCase: Sendable, CustomTestStringConvertible {
  let name: String
  /// Largest error in units of the last place, where results are not tiny differences of large numbers.
  let tolerance: Double
  let range: ClosedRange<Float>
  let exact: @Sendable (Double) -> Double
  let run: @Sendable (VectorTable, Int, UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void

  var testDescription: String { name }

  static let all: [ElementCase] = [
    ElementCase(
      name: "exp", tolerance: 1.5, range: -104...89, exact: { exp($0) },
      run: { $0.kernels.pointee.f32_exp($1, $2, $3) }),
    ElementCase(
      name: "erf", tolerance: 3, range: -5...5, exact: { erf($0) },
      run: { $0.kernels.pointee.f32_erf($1, $2, $3) }),
    ElementCase(
      name: "tanh", tolerance: 3, range: -12...12, exact: { tanh($0) },
      run: { $0.kernels.pointee.f32_tanh($1, $2, $3) }),
    ElementCase(
      name: "sigmoid", tolerance: 3, range: -87...30, exact: { 1 / (1 + exp(-$0)) },
      run: { $0.kernels.pointee.f32_sigmoid($1, $2, $3) }),
    ElementCase(
      name: "silu", tolerance: 4, range: -80...80, exact: { $0 / (1 + exp(-$0)) },
      run: { $0.kernels.pointee.f32_silu($1, $2, $3) }),
    ElementCase(
      name: "swish", tolerance: 4, range: -40...40, exact: { $0 / (1 + exp(-2 * $0)) },
      run: { $0.kernels.pointee.f32_swish($1, $2, 2, $3) }),
    ElementCase(
      name: "softplus", tolerance: 4, range: -104...200,
      exact: { $0 > 0 ? $0 + log1p(exp(-$0)) : log1p(exp($0)) },
      run: { $0.kernels.pointee.f32_softplus($1, $2, 1, 1, $3) }),
    ElementCase(
      name: "mish", tolerance: 5, range: -80...80,
      exact: { $0 * tanh($0 > 0 ? $0 + log1p(exp(-$0)) : log1p(exp($0))) },
      run: { $0.kernels.pointee.f32_mish($1, $2, $3) }),
    ElementCase(
      name: "sqrt", tolerance: 0.5, range: 0...1e9, exact: { $0.squareRoot() },
      run: { $0.kernels.pointee.f32_sqrt($1, $2, $3) }),
    ElementCase(
      name: "relu", tolerance: 0, range: -9...9, exact: { $0 < 0 ? 0 : $0 },
      run: { $0.kernels.pointee.f32_relu($1, $2, $3) }),
    ElementCase(
      name: "clip", tolerance: 0, range: -9...9, exact: { $0 < -1 ? -1 : $0 > 6 ? 6 : $0 },
      run: { $0.kernels.pointee.f32_clip($1, $2, -1, 6, $3) }),
    ElementCase(
      name: "leaky relu", tolerance: 0.5, range: -9...9, exact: { $0 < 0 ? $0 * 0.25 : $0 },
      run: { $0.kernels.pointee.f32_leaky_relu($1, $2, 0.25, $3) }),
    ElementCase(
      name: "affine", tolerance: 1, range: 1...9, exact: { $0 * 0.75 + 3 },
      run: { $0.kernels.pointee.f32_affine($1, $2, 0.75, 3, $3) }),
    ElementCase(
      name: "hard sigmoid", tolerance: 2, range: -1...9, exact: { min(max($0 * 0.25 + 0.5, 0), 1) },
      run: { $0.kernels.pointee.f32_hard_sigmoid($1, $2, 0.25, 0.5, $3) }),
  ]
}

@Suite("Vector kernels of one element")
struct VectorFunctionTests {
  @Test("stay within a few units of the last place over their range", arguments: ElementCase.all)
  func accuracy(function: ElementCase) {
    let count = 40_001
    let step = (function.range.upperBound - function.range.lowerBound) / Float(count - 1)
    // An even grid, and every binary order of magnitude around zero.
    let grid = (0..<count).map { function.range.lowerBound + Float($0) * step }
    let tiny = (-140...2).flatMap { [Float(sign: .plus, exponent: $0, significand: 1.37)] }
    let x = grid + tiny + tiny.map { -$0 }.filter(function.range.contains)
    for level in levels {
      let found = apply(function, .for(level), x)
      for (value, result) in zip(x, found) {
        let error = ulps(result, from: function.exact(Double(value)))
        guard error <= function.tolerance else {
          Issue.record("\(function.name)(\(value)) = \(result) at \(level): \(error) ulp")
          break
        }
      }
    }
  }

  @Test("write exactly their elements at every length, also over their input", arguments: ElementCase.all)
  func lengths(function: ElementCase) throws {
    var random = Seeded(1)
    for level in levels {
      for length in vectorLengths {
        let x = random.floats(length, in: function.range)
        let apart = try #require(guarded(length, fill: 7) { function.run(.for(level), length, x, $0) })
        let inPlace = try #require(
          guarded(length, fill: 7) { (memory: UnsafeMutablePointer<Float>) in
            memory.update(from: x, count: length)
            function.run(.for(level), length, memory, memory)
          })
        #expect(apart == inPlace, "\(length) at \(level)")
        // The last element does not depend on how many came before it.
        if let last = x.last { #expect(apart.last == apply(function, .for(level), [last]).first) }
      }
    }
  }

  @Test("treat infinities, NaN and denormals as the exact function does", arguments: ElementCase.all)
  func specials(function: ElementCase) {
    for level in levels {
      let found = apply(function, .for(level), specialFloats)
      for (value, result) in zip(specialFloats, found) {
        let exact = function.exact(Double(value))
        let error = ulps(result, from: exact)
        #expect(
          error <= max(function.tolerance, 1),
          "\(function.name)(\(value)) = \(result), not \(exact), at \(level)")
      }
    }
  }

  @Test("GELU in both forms and hard-swish stay within 1e-6 of their definitions")
  func gelu() {
    var random = Seeded(2)
    let x = random.floats(2_000, in: -9...9) + [0, -0.0, 30, -30]
    for level in levels {
      let kernels = VectorTable.for(level).kernels
      let exact = x.map { 0.5 * Double($0) * (1 + erf(Double($0) / 2.0.squareRoot())) }
      let smooth = x.map { (value: Float) -> Double in
        let v = Double(value)
        return 0.5 * v * (1 + tanh((2 / Double.pi).squareRoot() * (v + 0.044715 * v * v * v)))
      }
      let swish = x.map { Double($0) * min(max(Double($0) / 6 + 0.5, 0), 1) }
      for (expected, kernel) in [
        (exact, kernels.pointee.f32_gelu_erf), (smooth, kernels.pointee.f32_gelu_tanh),
        (swish, kernels.pointee.f32_hard_swish),
      ] {
        var found = [Float](repeating: 0, count: x.count)
        kernel(x.count, x, &found)
        let worst = zip(found, expected).map { abs(Double($0) - $1) / (1 + abs($1)) }.max() ?? 0
        #expect(worst < 1e-6, "at \(level)")
      }
    }
  }

  private func apply(_ function: ElementCase, _ table: VectorTable, _ x: [Float]) -> [Float] {
    var result = [Float](repeating: 0, count: x.count)
    function.run(table, x.count, x, &result)
    return result
  }
}
