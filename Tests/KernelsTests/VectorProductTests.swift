import Kernels
import Testing

@Suite("The product of unpacked matrices")
struct VectorProductTests {
  @Test("agrees with sums in float64 over odd sizes, strides and both accumulation modes")
  func products() throws {
    var random = Seeded(13)
    for level in levels {
      let kernels = VectorTable.for(level).kernels
      for (m, n, k) in shapes(60, seed: 14) where m * n * k < 3_000_000 {
        let turned = Bool.random(using: &random)
        let accumulates = Bool.random(using: &random)
        let (a, b) = (random.floats(m * k), random.floats(k * n))
        let start = random.floats(m * n)
        let steps = turned ? (1, m) : (k, 1)
        let found = try #require(
          guarded(m * n, fill: 2) { (memory: UnsafeMutablePointer<Float>) in
            memory.update(from: start, count: m * n)
            kernels.pointee.f32_matmul(
              m, n, k, a, steps.0, steps.1, b, n, memory, n, accumulates ? 1 : 0)
          })
        var worst = 0.0
        for i in 0..<m {
          for j in 0..<n {
            var sum = accumulates ? Double(start[i * n + j]) : 0
            for p in 0..<k { sum += Double(a[i * steps.0 + p * steps.1]) * Double(b[p * n + j]) }
            worst = max(worst, abs(Double(found[i * n + j]) - sum))
          }
        }
        #expect(worst <= 1e-6 * Double(k + 8), "\(m) x \(n) x \(k) at \(level)")
      }
    }
  }
}
