import Kernels
import Testing

extension Operands {
  /// x as bytes, on some scale.
  func bytes(_ random: inout Seeded, extreme: Bool) -> ([UInt8], ByteScale) {
    let bytes = (0..<x.count).map { _ in extreme ? UInt8(255) : UInt8.random(in: 0...255, using: &random) }
    return (bytes, ByteScale(scale: 0.02, zeroPoint: Int32.random(in: 0...255, using: &random)))
  }

  /// Exact integer products in units of the input's scale.
  func products(_ bytes: [UInt8], _ input: ByteScale, _ weights: [Double]) -> [Double] {
    var sums = [Double](repeating: 0, count: rows * outputs)
    for m in 0..<rows {
      for n in 0..<outputs {
        var sum = 0.0
        for k in 0..<inputs {
          sum += Double(Int32(bytes[1 + m * ldx + k]) - input.zeroPoint) * weights[n * inputs + k]
        }
        sums[m * outputs + n] = sum * Double(input.scale)
      }
    }
    return sums
  }

  func run(_ kernel: some IntegerMatrixKernel, _ bytes: [UInt8], _ input: ByteScale) -> [Float]? {
    let scratch = Scratch(kernel.scratchBytes(rows: rows))
    var y = [Float](repeating: -12345.75, count: rows * ldy + 8)
    withEpilogue { epilogue in
      bytes.withUnsafeBufferPointer { x in
        y.withUnsafeMutableBufferPointer { y in
          kernel.multiply(
            rows: rows, x: x.baseAddress! + 1, ldx: ldx, input: input, y: y.baseAddress!, ldy: ldy,
            epilogue: epilogue, scratch: scratch.start)
        }
      }
    }
    guard scratch.intact else { return nil }
    var out: [Float] = []
    for (i, value) in y.enumerated() {
      let inside = i < rows * ldy && i % max(1, ldy) < outputs
      if inside { out.append(value) } else if value != -12345.75 { return nil }
    }
    return out
  }

  func run(_ kernel: some IntegerMatrixKernel, _ bytes: [UInt8], _ input: ByteScale, _ output: ByteScale)
    -> [UInt8]?
  {
    let scratch = Scratch(kernel.scratchBytes(rows: rows))
    var out: [UInt8] = []
    // Run twice over different fillings: what lies outside must stay, whichever it was.
    for filling: UInt8 in [7, 200] {
      var y = [UInt8](repeating: filling, count: rows * ldy + 8)
      withEpilogue { epilogue in
        bytes.withUnsafeBufferPointer { x in
          y.withUnsafeMutableBufferPointer { y in
            kernel.multiply(
              rows: rows, x: x.baseAddress! + 1, ldx: ldx, input: input, y: y.baseAddress!, ldy: ldy,
              output: output, epilogue: epilogue, scratch: scratch.start)
          }
        }
      }
      out = []
      for (i, value) in y.enumerated() {
        let inside = i < rows * ldy && i % max(1, ldy) < outputs
        if inside { out.append(value) } else if value != filling { return nil }
      }
    }
    return scratch.intact ? out : nil
  }
}

@Suite struct IntegerMatrixTests {
  /// Whether `found` is `expected` on `output`, allowing one step where rounding could fall either way.
  static func agrees(_ found: [UInt8]?, _ expected: [Float], _ output: ByteScale) -> Bool {
    guard let found, found.count == expected.count else { return false }
    return zip(found, expected).allSatisfy { byte, value in
      let exact = min(255, max(0, value / output.scale + Float(output.zeroPoint)))
      return abs(Float(byte) - exact) <= 0.5 + 1e-3
    }
  }

  @Test(arguments: levels) func matchesReference(_ level: CPUFeatureLevel) {
    var random = Seeded(21)
    for (i, shape) in shapes(60, seed: 22).enumerated() {
      let (rows, outputs, inputs) = shape
      let operands = Operands(rows: rows, outputs: outputs, inputs: inputs, random: &random)
      // Weights small enough for each of the narrower kernels; every fifth matrix has only extremes.
      let limit: Int8 = [127, 64, 32, 16, 8, 127, 127][i % 7]
      let codes = (0..<outputs * inputs).map { _ in
        i % 5 == 0 ? (limit == 127 ? Int8.min : -limit) : Int8.random(in: (-limit)...limit, using: &random)
      }
      let scales = random.floats(i % 2 == 0 ? outputs : 1, in: 0.001...0.01)
      let zeroCount = [0, 1, outputs][i % 3]
      let zeroPoints = (0..<zeroCount).map { _ in Int32.random(in: -128...127, using: &random) }
      let kernel = codes.withUnsafeBufferPointer {
        IntegerMatrix(
          weights: $0, outputs: outputs, inputs: inputs, scales: scales, zeroPoints: zeroPoints,
          table: .for(level))
      }
      let weights = codes.enumerated().map { i, code in
        let n = i / max(1, inputs)
        let zero = zeroPoints.isEmpty ? 0 : zeroPoints[zeroPoints.count == 1 ? 0 : n]
        return Double(scales[scales.count == 1 ? 0 : n]) * Double(Int32(code) - zero)
      }
      let (bytes, input) = operands.bytes(&random, extreme: i % 5 == 0)
      let expected = operands.finish(operands.products(bytes, input, weights))
      let label = "\(kernel.identity) \(rows)x\(outputs)x\(inputs) \(i)"
      #expect(worst(operands.run(kernel, bytes, input), expected) < 2e-6, "\(label)")
      let output = ByteScale(scale: 0.05, zeroPoint: 100)
      #expect(Self.agrees(operands.run(kernel, bytes, input, output), expected, output), "\(label)")
    }
  }

  @Test(arguments: levels, PackedWidth.allCases.filter { $0 != .eight })
  func packedMatchesReference(_ level: CPUFeatureLevel, _ bits: PackedWidth) {
    var random = Seeded(31)
    for (i, shape) in shapes(30, seed: 32).enumerated() {
      let (rows, outputs, inputs) = shape
      let operands = Operands(rows: rows, outputs: outputs, inputs: inputs, random: &random)
      let codes = RandomCodes(outputs: outputs, inputs: inputs, bits: bits, random: &random)
      let kernel = codes.codes.withUnsafeBufferPointer {
        PackedIntegerMatrix(
          codes: $0, outputs: outputs, inputs: inputs, bits: bits, scales: codes.scales,
          zeroPoints: codes.zeroPoints, table: .for(level))
      }
      let (bytes, input) = operands.bytes(&random, extreme: i % 5 == 0)
      let expected = operands.finish(operands.products(bytes, input, codes.weights))
      let label = "\(kernel.identity) \(rows)x\(outputs)x\(inputs)"
      #expect(worst(operands.run(kernel, bytes, input), expected) < 2e-6, "\(label)")
      let output = ByteScale(scale: 0.05, zeroPoint: 100)
      #expect(Self.agrees(operands.run(kernel, bytes, input, output), expected, output), "\(label)")
    }
  }

  @Test(arguments: levels) func notANumberBecomesTheZeroPoint(_ level: CPUFeatureLevel) {
    let kernel = [Int8(1)].withUnsafeBufferPointer {
      IntegerMatrix(weights: $0, outputs: 1, inputs: 1, scales: [.nan], table: .for(level))
    }
    var random = Seeded(41)
    var operands = Operands(rows: 1, outputs: 1, inputs: 1, random: &random)
    operands.useBias = false
    let found = operands.run(
      kernel, [0, 9], ByteScale(scale: 1, zeroPoint: 0), ByteScale(scale: 1, zeroPoint: 77))
    #expect(found == [77])
  }
}
