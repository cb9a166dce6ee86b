import Kernels
import Testing

/// Random codes of a width, with scales and zero points, and the weights they stand for.
struct RandomCodes {
  let codes: [Int16]
  let scales: [Float]
  let zeroPoints: [Int32]
  let weights: [Double]

  /// With `groupSize`, scales and zero points are for groups of inputs, one for all, or none.
  init(outputs: Int, inputs: Int, bits: PackedWidth, groupSize: Int? = nil, random: inout Seeded) {
    let signed = Bool.random(using: &random)
    let range = signed ? bits.signedCodes : bits.unsignedCodes
    codes = (0..<outputs * inputs).map { _ in
      bits == .one
        ? (Bool.random(using: &random) ? 1 : range.lowerBound) : Int16.random(in: range, using: &random)
    }
    let groups = max(1, groupSize.map { (inputs + $0 - 1) / $0 } ?? 1)
    let many = Bool.random(using: &random)
    scales = random.floats(many ? outputs * groups : 1, in: 0.01...0.1)
    let zeroCount = [0, 1, outputs * groups].randomElement(using: &random) ?? 0
    zeroPoints = (0..<zeroCount).map { _ in Int32(Int16.random(in: range, using: &random)) }
    let scales = scales, zeroPoints = zeroPoints
    weights = codes.enumerated().map { i, code in
      let n = i / max(1, inputs) * groups + i % max(1, inputs) / (groupSize ?? max(1, inputs))
      let zero = zeroPoints.isEmpty ? 0 : zeroPoints.count == 1 ? zeroPoints[0] : zeroPoints[n]
      return Double(scales.count == 1 ? scales[0] : scales[n]) * Double(Int32(code) - zero)
    }
  }
}

@Suite struct PackedMatrixTests {
  @Test(arguments: levels, PackedWidth.allCases) func matchesReference(
    _ level: CPUFeatureLevel, _ bits: PackedWidth
  ) {
    var random = Seeded(11)
    for (rows, outputs, inputs) in shapes(40, seed: 12) {
      let codes = RandomCodes(outputs: outputs, inputs: inputs, bits: bits, random: &random)
      let operands = Operands(rows: rows, outputs: outputs, inputs: inputs, random: &random)
      let kernel = codes.codes.withUnsafeBufferPointer {
        PackedMatrix(
          codes: $0, outputs: outputs, inputs: inputs, bits: bits, scales: codes.scales,
          zeroPoints: codes.zeroPoints, table: .for(level))
      }
      let expected = operands.finish(operands.products(codes.weights))
      let size = Float(codes.weights.reduce(1) { max($0, abs($1)) })
      #expect(
        worst(operands.run(kernel), expected, scale: 1 + size * Float(inputs).squareRoot()) < 1e-5,
        "\(kernel.identity) \(rows)x\(outputs)x\(inputs)")
    }
  }

  @Test("scales and zero points for groups of inputs", arguments: levels, PackedWidth.allCases)
  func groups(_ level: CPUFeatureLevel, _ bits: PackedWidth) {
    var random = Seeded(13)
    for (i, (rows, outputs, inputs)) in shapes(30, seed: 14).enumerated() {
      let groupSize = [32, 64, 128, 96][i % 4]
      let codes = RandomCodes(
        outputs: outputs, inputs: inputs, bits: bits, groupSize: groupSize, random: &random)
      let operands = Operands(rows: rows, outputs: outputs, inputs: inputs, random: &random)
      let kernel = codes.codes.withUnsafeBufferPointer {
        PackedMatrix(
          codes: $0, outputs: outputs, inputs: inputs, bits: bits, scales: codes.scales,
          zeroPoints: codes.zeroPoints, groupSize: groupSize, table: .for(level))
      }
      let expected = operands.finish(operands.products(codes.weights))
      let size = Float(codes.weights.reduce(1) { max($0, abs($1)) })
      #expect(
        worst(operands.run(kernel), expected, scale: 1 + size * Float(inputs).squareRoot()) < 1e-5,
        "\(kernel.identity) \(rows)x\(outputs)x\(inputs) groups of \(groupSize)")
    }
  }

  /// FP4 E2M1, a codebook of no common step, and 256 values.
  static let codebooks: [[Float]] = [
    [0, 0.5, 1, 1.5, 2, 3, 4, 6, -0.0, -0.5, -1, -1.5, -2, -3, -4, -6],
    (0..<16).map { Float($0 * $0) * 0.0137 - 1 },
    (0..<256).map { Float($0 % 128) * ($0 < 128 ? 0.011 : -0.013) },
  ]

  @Test("places in a table of values", arguments: levels, codebooks)
  func tables(_ level: CPUFeatureLevel, _ values: [Float]) {
    var random = Seeded(15)
    for (i, (rows, outputs, inputs)) in shapes(30, seed: 16).enumerated() {
      let groupSize = [nil, 32, 64][i % 3]
      let groups = max(1, groupSize.map { (inputs + $0 - 1) / $0 } ?? 1)
      let places = (0..<outputs * inputs).map { _ in
        UInt8(Int.random(in: 0..<values.count, using: &random))
      }
      let scales = random.floats(
        [1, outputs, outputs * groups][i % 2 == 0 ? 0 : groupSize == nil ? 1 : 2], in: 0.5...2)
      let weights = places.enumerated().map { at, place in
        let (n, k) = (at / inputs, at % inputs)
        let scale =
          scales.count == 1
          ? scales[0] : scales.count == outputs ? scales[n] : scales[n * groups + k / (groupSize ?? 1)]
        return Double(values[Int(place)]) * Double(scale)
      }
      let operands = Operands(rows: rows, outputs: outputs, inputs: inputs, random: &random)
      let kernel = places.withUnsafeBufferPointer {
        PackedMatrix(
          places: $0, levels: values, outputs: outputs, inputs: inputs, scales: scales, groupSize: groupSize,
          table: .for(level))
      }
      let expected = operands.finish(operands.products(weights))
      #expect(
        worst(operands.run(kernel), expected, scale: 1 + 12 * Float(inputs).squareRoot()) < 1e-5,
        "\(kernel.identity) \(rows)x\(outputs)x\(inputs)")
    }
  }

  @Test("rows with a wide range, denormals, infinities and NaN", arguments: levels, PackedWidth.allCases)
  func extremes(_ level: CPUFeatureLevel, _ bits: PackedWidth) {
    var random = Seeded(17)
    for (rows, inputs, special) in [
      (1, 200, Float(1e30)), (2, 77, 1e-30), (1, 64, .leastNonzeroMagnitude), (1, 64, 0), (2, 300, 1e35),
      (1, 100, .infinity), (2, 100, .nan), (1, 100, -.infinity),
    ] {
      let codes = RandomCodes(outputs: 20, inputs: inputs, bits: bits, random: &random)
      var operands = Operands(rows: rows, outputs: 20, inputs: inputs, random: &random)
      operands.useBias = false
      operands.useResidual = false
      operands.activation = .none
      // All of one size, or one odd value among ordinary ones.
      if special.isFinite && special.magnitude < 1 {
        for i in operands.x.indices { operands.x[i] *= special }
      } else {
        operands.x[1 + inputs / 3] = special
      }
      let kernel = codes.codes.withUnsafeBufferPointer {
        PackedMatrix(
          codes: $0, outputs: 20, inputs: inputs, bits: bits, scales: codes.scales,
          zeroPoints: codes.zeroPoints, table: .for(level))
      }
      let found = operands.run(kernel) ?? []
      #expect(found.count == rows * 20)
      if special.isFinite {
        let expected = operands.finish(operands.products(codes.weights))
        let size = operands.x.reduce(Float.leastNormalMagnitude) { max($0, abs($1)) }
        let scale = size * 40 * Float(inputs).squareRoot()
        #expect(worst(found, expected, scale: scale) < 1e-5, "\(kernel.identity) \(special)")
      } else {
        #expect(found.prefix(20).allSatisfy { !$0.isFinite }, "\(kernel.identity) \(special)")
        #expect(found.dropFirst(20).allSatisfy { $0.isFinite }, "\(kernel.identity) \(special)")
      }
    }
  }

  @Test func packsToTheBitsPromised() {
    for bits in PackedWidth.allCases {
      let codes = [Int16](repeating: 1, count: 160 * 160)
      let kernel = codes.withUnsafeBufferPointer {
        PackedMatrix(codes: $0, outputs: 160, inputs: 160, bits: bits, scales: [1], table: .for(.portable))
      }
      #expect(kernel.packedBytes == Int(160 * 160 * bits.bitsPerWeight / 8) + 160 * 8, "\(bits)")
    }
  }
}
