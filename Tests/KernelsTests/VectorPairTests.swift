import Kernels
import Testing

@Suite("Vector kernels of two operands")
struct VectorPairTests {
  typealias Kernel =
    @convention(c) (
      Int, Int, UnsafePointer<Float>, Int, UnsafePointer<Float>, Int, UnsafeMutablePointer<Float>
    ) -> Void

  /// The forms of one operation and what it means.
  private func operations(_ table: VectorTable) -> [(String, [Kernel], (Float, Float) -> Float)] {
    let k = table.kernels.pointee
    return [
      ("add", [k.f32_add_vv, k.f32_add_vs, k.f32_add_sv], { $0 + $1 }),
      ("sub", [k.f32_sub_vv, k.f32_sub_vs, k.f32_sub_sv], { $0 - $1 }),
      ("mul", [k.f32_mul_vv, k.f32_mul_vs, k.f32_mul_sv], { $0 * $1 }),
      ("div", [k.f32_div_vv, k.f32_div_vs, k.f32_div_sv], { $0 / $1 }),
      (
        "max", [k.f32_max_vv, k.f32_max_vs, k.f32_max_sv], { $0.isNaN || $1.isNaN ? .nan : Swift.max($0, $1) }
      ),
      (
        "min", [k.f32_min_vv, k.f32_min_vs, k.f32_min_sv], { $0.isNaN || $1.isNaN ? .nan : Swift.min($0, $1) }
      ),
    ]
  }

  @Test("compute every form exactly, at every length and with repeated rows")
  func forms() throws {
    var random = Seeded(3)
    for level in levels {
      for (name, kernels, exact) in operations(.for(level)) {
        for length in vectorLengths {
          let rows = Int.random(in: 0...4, using: &random)
          for repeats in [false, true] {
            let a = random.floats(rows * length + 4, in: -4...4)
            let b = random.floats(rows * length + 4, in: 0.25...4)
            let step = repeats ? 0 : length
            let expected = (0..<3).map { form in
              (0..<rows).flatMap { row in
                (0..<length).map { column in
                  let left = form == 2 ? a[row] : a[row * length + column]
                  let right = form == 1 ? b[repeats ? 0 : row] : b[row * step + column]
                  return exact(left, right)
                }
              }
            }
            let steps = [(length, step), (length, repeats ? 0 : 1), (1, step)]
            for form in 0..<3 {
              let found = guarded(rows * length, fill: 5) {
                kernels[form](rows, length, a, steps[form].0, b, steps[form].1, $0)
              }
              #expect(found == expected[form], "\(name) form \(form), \(rows) x \(length) at \(level)")
            }
          }
        }
      }
    }
  }

  @Test("keep NaN and infinities, and may write over an operand")
  func specials() {
    let a = specialFloats.flatMap { value in specialFloats.map { _ in value } }
    let b = specialFloats.flatMap { _ in specialFloats }
    for level in levels {
      for (name, kernels, exact) in operations(.for(level)) {
        var found = a
        found.withUnsafeMutableBufferPointer { memory in
          guard let start = memory.baseAddress else { return }
          kernels[0](1, a.count, UnsafePointer(start), a.count, b, a.count, start)
        }
        for index in a.indices where !same(found[index], exact(a[index], b[index])) {
          Issue.record("\(name)(\(a[index]), \(b[index])) = \(found[index]) at \(level)")
        }
      }
    }
  }
}
