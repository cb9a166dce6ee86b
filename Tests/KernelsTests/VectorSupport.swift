import Kernels

/// Lengths around every register width, and one that takes many.
let vectorLengths = Array(0...35) + [47, 48, 49, 63, 64, 65, 127, 128, 129, 1000]

/// Values that arithmetic treats specially.
let specialFloats: [Float] = [
  0, -0.0, 1, -1, .infinity, -.infinity, .nan, .leastNonzeroMagnitude, -.leastNonzeroMagnitude,
  .leastNormalMagnitude, -.leastNormalMagnitude, .greatestFiniteMagnitude, -.greatestFiniteMagnitude,
  0x1p-140,
]

/// Runs a kernel into a buffer with sentinels on both sides, which must survive.
func guarded<Element: Equatable & BitwiseCopyable>(
  _ count: Int, fill: Element, _ body: (UnsafeMutablePointer<Element>) -> Void
) -> [Element]? {
  let margin = 16
  var buffer = [Element](repeating: fill, count: count + 2 * margin)
  buffer.withUnsafeMutableBufferPointer { memory in
    if let start = memory.baseAddress { body(start + margin) }
  }
  let edges = buffer[..<margin] + buffer[(count + margin)...]
  return edges.allSatisfy { $0 == fill } ? Array(buffer[margin..<count + margin]) : nil
}

/// Same value, where NaN equals NaN and both zeros are one.
func same(_ a: Float, _ b: Float) -> Bool { a == b || (a.isNaN && b.isNaN) }

/// Distance from an exact value in units of the last place of its float32 rounding; NaN and infinities must match.
func ulps(_ found: Float, from exact: Double) -> Double {
  let rounded = Float(exact)
  if same(found, rounded) { return 0 }
  guard found.isFinite, rounded.isFinite else { return .infinity }
  return abs(Double(found) - exact) / Double(max(rounded.magnitude, .leastNormalMagnitude).ulp)
}
