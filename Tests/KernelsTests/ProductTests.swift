import Kernels
import Testing

@Suite struct FactorPairTests {
  @Test(arguments: levels) func matchesReference(_ level: CPUFeatureLevel) {
    var random = Seeded(71)
    let table = KernelTable.for(level)
    for (rows, outputs, inputs) in shapes(30, seed: 72) + [(5000, 9, 8)] {
      let rank = Int.random(in: 0...20, using: &random)
      let a = random.floats(rank * inputs)
      let b = (0..<outputs * rank).map { _ in Int16.random(in: -8...7, using: &random) }
      let operands = Operands(rows: rows, outputs: outputs, inputs: inputs, random: &random)
      let first = a.withUnsafeBufferPointer {
        DenseMatrix(weights: $0, outputs: rank, inputs: inputs, table: table)
      }
      let second = b.withUnsafeBufferPointer {
        PackedMatrix(codes: $0, outputs: outputs, inputs: rank, bits: .four, scales: [0.125], table: table)
      }
      var product = [Double](repeating: 0, count: outputs * inputs)
      for n in 0..<outputs {
        for r in 0..<rank {
          for k in 0..<inputs {
            product[n * inputs + k] += Double(b[n * rank + r]) * 0.125 * Double(a[r * inputs + k])
          }
        }
      }
      let expected = operands.finish(operands.products(product))
      let pair = FactorPair(first: first, second: second)
      #expect(
        worst(operands.run(pair), expected, scale: 1 + Float(rank * inputs).squareRoot()) < 1e-5,
        "\(pair.identity) \(rows)x\(outputs)x\(inputs) rank \(rank)")
    }
  }
}

@Suite struct DynamicProductTests {
  @Test(arguments: levels, [false, true]) func matchesReference(_ level: CPUFeatureLevel, _ transposed: Bool)
  {
    var random = Seeded(81)
    let product = DynamicProduct(table: .for(level))
    for (m, n, k) in shapes(40, seed: 82) {
      let operands = Operands(rows: m, outputs: n, inputs: k, random: &random)
      let weights = random.floats(n * k)
      let alpha = Float.random(in: -2...2, using: &random)
      let ldb = (transposed ? k : n) + Int.random(in: 0...3, using: &random)
      var b = [Float](repeating: .nan, count: (transposed ? n : k) * ldb + 1)
      for j in 0..<n {
        for p in 0..<k { b[transposed ? j * ldb + p : p * ldb + j] = weights[j * k + p] }
      }
      let scratch = Scratch(product.scratchBytes(m: m, n: n, k: k))
      var c = [Float](repeating: 0, count: m * operands.ldy + 1)
      operands.withEpilogue { epilogue in
        operands.x.withUnsafeBufferPointer { x in
          product.multiply(
            m: m, n: n, k: k, a: x.baseAddress! + 1, lda: operands.ldx, b: b, ldb: ldb,
            transposed: transposed, c: &c,
            ldc: operands.ldy, alpha: alpha, epilogue: epilogue, scratch: scratch.start)
        }
      }
      let found = (0..<m * n).map { c[$0 / n * operands.ldy + $0 % n] }
      let expected = operands.finish(operands.products(weights.map { Double($0) * Double(alpha) }))
      #expect(worst(found, expected, scale: 1 + Float(k).squareRoot()) < 1e-5, "\(level) \(m)x\(n)x\(k)")
      #expect(scratch.intact)
    }
  }
}
