import Kernels
import Testing

@Suite struct HalfMatrixTests {
  @Test(arguments: levels, [HalfFormat.float16, .bfloat16])
  func matchesReference(_ level: CPUFeatureLevel, _ format: HalfFormat) {
    var random = Seeded(51)
    for (rows, outputs, inputs) in shapes(40, seed: 52) {
      let floats = random.floats(outputs * inputs)
      let bits: [UInt16] = floats.map {
        switch format {
        case .float16: Float16($0).bitPattern
        case .bfloat16: UInt16($0.bitPattern >> 16)
        }
      }
      let weights = bits.map { half -> Double in
        switch format {
        case .float16: Double(Float16(bitPattern: half))
        case .bfloat16: Double(Float(bitPattern: UInt32(half) << 16))
        }
      }
      let operands = Operands(rows: rows, outputs: outputs, inputs: inputs, random: &random)
      let kernel = bits.withUnsafeBufferPointer {
        HalfMatrix(weights: $0, format: format, outputs: outputs, inputs: inputs, table: .for(level))
      }
      let expected = operands.finish(operands.products(weights))
      #expect(
        worst(operands.run(kernel), expected, scale: 1 + Float(inputs).squareRoot()) < 1e-5,
        "\(kernel.identity) \(rows)x\(outputs)x\(inputs)")
    }
  }

  /// Every one of the 65536 patterns, one per input column, picked out by unit rows.
  @Test(arguments: levels) func widensEveryPattern(_ level: CPUFeatureLevel) {
    let all = (0...UInt16.max).map { $0 }
    for format in [HalfFormat.float16, .bfloat16] {
      let kernel = all.withUnsafeBufferPointer {
        HalfMatrix(weights: $0, format: format, outputs: 65536, inputs: 1, table: .for(level))
      }
      for rows in [1, 7] {
        let x = [Float](repeating: 1, count: rows)
        var y = [Float](repeating: 0, count: rows * 65536)
        let scratch = Scratch(kernel.scratchBytes(rows: rows))
        kernel.multiply(
          rows: rows, x: x, ldx: 1, y: &y, ldy: 65536, epilogue: Epilogue(), scratch: scratch.start)
        let wrong = all.first { half in
          let expected =
            format == .float16 ? Float(Float16(bitPattern: half)) : Float(bitPattern: UInt32(half) << 16)
          let found = y[(rows - 1) * 65536 + Int(half)]
          return !(found == expected || found.isNaN && expected.isNaN)
        }
        #expect(wrong == nil, "\(format) \(level) pattern \(wrong.map { String($0, radix: 16) } ?? "")")
      }
    }
  }
}
