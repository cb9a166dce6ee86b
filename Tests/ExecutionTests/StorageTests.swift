import Execution
import GraphIR
import Kernels
import TensorCore
import Testing

/// Forms of a weight beyond plain codes: scales by group, codes of float formats, patterns of zeros.
@Suite struct StorageTests {
  private func grouped(
    _ builder: GraphBuilder, _ shape: [Int], axis: Int, size: Int, bits: TensorCore.WeightBits,
    format: CodeFormat = .integer, asymmetric: Bool = false
  ) throws -> String {
    let shape = Shape(known: shape)
    let count = try QuantizedTensor.scaleCount(of: shape, axis: axis, groupSize: size)
    let range = bits.codeRange
    // Not every pattern of a float format is a number.
    let usable =
      format == .integer ? Array(range) : range.filter { format.levels[$0 - range.lowerBound].isFinite }
    let codes = (0..<shape.count).map { _ in
      bits == .binary ? Int8(builder.flip() ? 1 : -1) : Int8(usable[builder.int(0...usable.count - 1)])
    }
    let most = format.largest ?? Float(range.upperBound)
    return builder.add(
      .quantized(
        try QuantizedTensor(
          shape: shape, bits: bits, axis: axis, groupSize: size, format: format,
          scales: (0..<count).map { _ in (0.5 + builder.random.uniform()) / most / 8 },
          zeroPoints: asymmetric ? (0..<count).map { _ in Int32(builder.int(range)) } : [], codes: codes)))
  }

  @Test(arguments: TensorCore.WeightBits.allCases, [32, 64, 10])
  func groupsOfScalesEqualTheirDequantizedValues(bits: TensorCore.WeightBits, size: Int) throws {
    for (seed, transposed) in [true, false].enumerated() {
      for rows in [1, 3, 30] {
        let builder = GraphBuilder(seed: UInt64(seed) + 9000)
        let x = builder.input("x", [rows, 150])
        let asymmetric = bits != .binary && bits != .ternary && seed == 1
        let weight = try grouped(
          builder, transposed ? [70, 150] : [150, 70], axis: transposed ? 0 : 1, size: size, bits: bits,
          asymmetric: asymmetric)
        let value = builder.node(
          "Gemm", [x, weight, builder.weight([70])], ["transB": .int(transposed ? 1 : 0)])
        let plan = try Comparison.check(
          builder.graph([value]), builder.data(), options: PlanOptions(forms: .stored), tolerance: 1e-4,
          label: "\(bits) \(size) \(transposed) \(rows)")
        if size % 32 == 0, bits != .int8 {
          guard case .packed = plan.layers[0].kernel.storage else {
            Issue.record("\(plan.layers[0].kernel)")
            continue
          }
        }
      }
    }
  }

  @Test(arguments: CodeFormat.allCases.filter { $0 != .integer }, [nil, 32])
  func codesOfFloatFormatsEqualTheirValues(format: CodeFormat, size: Int?) throws {
    let bits = try #require(format.bits)
    for rows in [1, 4, 20] {
      let builder = GraphBuilder(seed: 9100)
      let x = builder.input("x", [rows, 96])
      let weight = try grouped(builder, [40, 96], axis: 0, size: size ?? 96, bits: bits, format: format)
      let value = builder.node("Gemm", [x, weight], ["transB": .int(1)])
      try Comparison.check(
        builder.graph([value]), builder.data(), tolerance: 1e-4, label: "\(format) \(rows)")
    }
  }

  @Test func valuesOfLargeTablesAreMultipliedAsFloats() throws {
    for format in CodeFormat.allCases where format.levels.count > 16 {
      let builder = GraphBuilder(seed: 9150)
      let weight = try grouped(
        builder, [40, 96], axis: 0, size: 32, bits: try #require(format.bits), format: format)
      let value = builder.node("Gemm", [builder.input("x", [4, 96]), weight], ["transB": .int(1)])
      for policy in [FormPolicy.stored, .measured] {
        let plan = try Comparison.check(
          builder.graph([value]), builder.data(), options: PlanOptions(forms: policy), label: "\(format)")
        #expect(plan.layers[0].kernel.storage == .dense(.float32), "\(plan.layers[0].kernel)")
        #expect(plan.layers[0].remark == .floatsAreFaster)
      }
    }
  }

  /// Whichever form is measured to be the fastest, it is the same matrix.
  @Test(arguments: TensorCore.WeightBits.allCases) func racedFormsAgree(bits: TensorCore.WeightBits) throws {
    for rows in [1, 40] {
      let builder = GraphBuilder(seed: 9160)
      let weight = try grouped(builder, [70, 160], axis: 0, size: rows == 1 ? 160 : 32, bits: bits)
      let value = builder.node(
        "Gemm", [builder.input("x", [rows, 160]), weight, builder.weight([70])], ["transB": .int(1)])
      let choices = KernelChoiceCache()
      try Comparison.check(
        builder.graph([value]), builder.data(), options: PlanOptions(choices: choices), tolerance: 1e-4,
        label: "\(bits) \(rows)")
      #expect(choices.count == CPUFeatureLevel.available.count)
    }
  }

  @Test func groupsOfConvolutionsRunInEveryOrder() throws {
    for kernel in [1, 3] {
      let builder = GraphBuilder(seed: 9200)
      let x = builder.input("x", [2, 64, 6, 6])
      let weight = try grouped(builder, [20, 64, kernel, kernel], axis: 0, size: 32, bits: .int4)
      let value = builder.node("Relu", [builder.node("Conv", [x, weight, builder.weight([20])])])
      try Comparison.check(builder.graph([value]), builder.data(), tolerance: 1e-4, label: "\(kernel)")
    }
  }

  /// Weights whose zeros follow a rule.
  private func patterned(_ builder: GraphBuilder, _ outputs: Int, _ depth: Int, keeps: (Int, Int) -> Bool)
    throws
    -> String
  {
    let values = builder.values(outputs * depth, scale: 0.1)
    return builder.constant(
      try Tensor(
        shape: [outputs, depth], values.indices.map { keeps($0 / depth, $0 % depth) ? values[$0] : 0 }))
  }

  @Test(arguments: 0..<4) func patternsOfZerosAgreeWithTheReference(rule: Int) throws {
    for rows in [1, 2, 40, 130] {
      let builder = GraphBuilder(seed: UInt64(rule) + 9300)
      let x = builder.input("x", [rows, 160])
      let weight = try patterned(builder, 96, 160) { n, k in
        switch rule {
        case 0: k % 4 < 2
        case 1: (k + n) % 8 == 0
        case 2: (n / 8 + k / 4) % 3 == 0
        default: n % 3 == 0
        }
      }
      let value = builder.node("Gemm", [x, weight, builder.weight([96])], ["transB": .int(1)])
      for threads in [1, 2] {
        try Comparison.check(
          builder.graph([value]), builder.data(), options: PlanOptions(threads: threads), tolerance: 1e-4,
          label: "\(rule) \(rows)")
      }
    }
  }
}
