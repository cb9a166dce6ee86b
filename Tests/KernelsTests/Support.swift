import Kernels

/// SplitMix64: small, seeded, the same everywhere.
struct Seeded: RandomNumberGenerator {
  var state: UInt64
  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func floats(_ count: Int, in range: ClosedRange<Float> = -1...1) -> [Float] {
    (0..<count).map { _ in Float.random(in: range, using: &self) }
  }
}

/// The levels the machine has.
let levels: [CPUFeatureLevel] = CPUFeatureLevel.available

/// Shapes that meet every tile edge, small ones at random, and some that need several blocks.
func shapes(_ count: Int, seed: UInt64) -> [(rows: Int, outputs: Int, inputs: Int)] {
  var random = Seeded(seed)
  var all = (0..<count).map { _ in
    (
      Int.random(in: 1...70, using: &random), Int.random(in: 1...70, using: &random),
      Int.random(in: 1...70, using: &random)
    )
  }
  all += [
    (1, 1, 1), (0, 5, 5), (5, 0, 5), (3, 7, 0), (1, 16, 32), (6, 16, 160), (12, 32, 480), (7, 17, 481),
    (13, 33, 800), (150, 50, 641), (300, 20, 40), (1, 100, 1500), (4, 40, 999), (5, 31, 1000), (2, 48, 777),
  ]
  return all
}

/// Scratch as a caller would give it, with guard bytes behind that must survive.
final class Scratch {
  let start: UnsafeMutableRawPointer
  let bytes: Int

  init(_ bytes: Int) {
    self.bytes = bytes
    start = .allocate(byteCount: bytes + 64, alignment: 64)
    start.initializeMemory(as: UInt8.self, repeating: 0xEE, count: bytes + 64)
  }

  var intact: Bool {
    (bytes..<bytes + 64).allSatisfy { start.load(fromByteOffset: $0, as: UInt8.self) == 0xEE }
  }
  deinit { start.deallocate() }
}

/// Everything a multiplication takes besides the weights, rows laid out with gaps.
struct Operands {
  let rows: Int, outputs: Int, inputs: Int
  let ldx: Int, ldy: Int, ldr: Int
  var x: [Float]
  var residual: [Float]
  var bias: [Float]
  var useBias: Bool, useResidual: Bool
  var activation: FusedActivation

  init(rows: Int, outputs: Int, inputs: Int, random: inout Seeded) {
    self.rows = rows
    self.outputs = outputs
    self.inputs = inputs
    ldx = inputs + Int.random(in: 0...5, using: &random)
    ldy = outputs + Int.random(in: 0...5, using: &random)
    ldr = outputs + Int.random(in: 0...5, using: &random)
    x = random.floats(rows * ldx + 1)
    residual = random.floats(rows * ldr)
    bias = random.floats(outputs)
    useBias = Bool.random(using: &random)
    useResidual = Bool.random(using: &random)
    activation = [.none, .relu, .clip(-0.5, 0.75)].randomElement(using: &random) ?? .none
  }

  /// The expected y [rows, outputs] for products in `sums` (double), with the sizes that errors scale with.
  func finish(_ sums: [Double]) -> [Float] {
    let bounds = activation.bounds
    return (0..<rows * outputs).map { i in
      var v = sums[i]
      if useBias { v += Double(bias[i % outputs]) }
      if useResidual { v += Double(residual[i / outputs * ldr + i % outputs]) }
      if v < Double(bounds.low) { v = Double(bounds.low) }
      if v > Double(bounds.high) { v = Double(bounds.high) }
      return Float(v)
    }
  }

  /// Calls `body` with the epilogue, its pointers alive.
  func withEpilogue<R>(_ body: (Epilogue) -> R) -> R {
    bias.withUnsafeBufferPointer { bias in
      residual.withUnsafeBufferPointer { residual in
        body(
          Epilogue(
            bias: useBias ? bias.baseAddress : nil, activation: activation,
            residual: useResidual ? residual.baseAddress : nil, ldr: ldr))
      }
    }
  }

  /// y [rows, outputs] by `kernel`; x starts one float off any alignment. Nil if bytes outside were written.
  func run(_ kernel: some MatrixKernel) -> [Float]? {
    let scratch = Scratch(kernel.scratchBytes(rows: rows))
    let guardValue: Float = -12345.75
    var y = [Float](repeating: guardValue, count: rows * ldy + 8)
    withEpilogue { epilogue in
      x.withUnsafeBufferPointer { x in
        y.withUnsafeMutableBufferPointer { y in
          kernel.multiply(
            rows: rows, x: x.baseAddress! + 1, ldx: ldx, y: y.baseAddress!, ldy: ldy, epilogue: epilogue,
            scratch: scratch.start)
        }
      }
    }
    guard scratch.intact else { return nil }
    var out: [Float] = []
    for (i, value) in y.enumerated() {
      let inside = i < rows * ldy && i % max(1, ldy) < outputs
      if inside { out.append(value) } else if value != guardValue { return nil }
    }
    return out
  }

  /// Products of x (one off) with `weights` [outputs, inputs], in double.
  func products(_ weights: [Double]) -> [Double] {
    var sums = [Double](repeating: 0, count: rows * outputs)
    for m in 0..<rows {
      for n in 0..<outputs {
        var sum = 0.0
        for k in 0..<inputs { sum += Double(x[1 + m * ldx + k]) * weights[n * inputs + k] }
        sums[m * outputs + n] = sum
      }
    }
    return sums
  }
}

/// The largest difference, as a share of `scale` + |expected|; infinite where only one is NaN or lengths differ.
func worst(_ found: [Float]?, _ expected: [Float], scale: Float = 1) -> Float {
  guard let found, found.count == expected.count else { return .infinity }
  var worst: Float = 0
  for (a, b) in zip(found, expected) {
    if a.isNaN && b.isNaN || a == b { continue }
    let error = abs(a - b) / (scale + abs(b))
    worst = max(worst, error.isNaN ? .infinity : error)
  }
  return worst
}
