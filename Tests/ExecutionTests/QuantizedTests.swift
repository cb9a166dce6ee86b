import Execution
import GraphIR
import Kernels
import TensorCore
import Testing

@Suite struct QuantizedTests {
  @Test(arguments: TensorCore.WeightBits.allCases, [false, true])
  func packedWeightsEqualTheirDequantizedValues(bits: TensorCore.WeightBits, asymmetric: Bool) throws {
    for (index, transposed) in [true, false].enumerated() {
      for axis in [nil, transposed ? 0 : 1, transposed ? 1 : 0] as [Int?] {
        let builder = GraphBuilder(seed: UInt64(index))
        let rows = [1, 3, 9][builder.int(0...2)]
        let x = builder.input("x", [rows, 45])
        let weight = builder.quantized(
          transposed ? [37, 45] : [45, 37], bits: bits, axis: axis,
          asymmetric: asymmetric && bits != .binary && bits != .ternary)
        let value = builder.node(
          "Gemm", [x, weight, builder.weight([37])], ["transB": .int(transposed ? 1 : 0)])
        try Comparison.check(
          builder.graph([value]), builder.data(), tolerance: 1e-4,
          label: "\(bits) \(transposed) \(axis ?? -1)")
      }
    }
  }

  @Test(arguments: TensorCore.WeightBits.allCases)
  func packedConvolutionsEqualTheirDequantizedValues(bits: TensorCore.WeightBits) throws {
    let builder = GraphBuilder(seed: 3)
    let x = builder.input("x", [1, 6, 7, 7])
    let weight = builder.quantized([10, 3, 3, 3], bits: bits, axis: 0)
    let value = builder.node("Conv", [x, weight], ["group": .int(2), "pads": .ints([1, 1, 1, 1])])
    let normal = builder.batchNorm(value, channels: 10)
    let plan = try Comparison.check(builder.graph([normal]), builder.data(), tolerance: 1e-4)
    #expect(plan.layers.count == 1)
  }

  @Test(arguments: TensorCore.WeightBits.allCases)
  func byteActivationsRunIntegerKernels(bits: TensorCore.WeightBits) throws {
    for rows in [1, 2, 13] {
      let builder = GraphBuilder(seed: 4)
      let x = builder.fake8(builder.input("x", [rows, 70]))
      let weight = builder.quantized([70, 33], bits: bits, axis: 1)
      let value = builder.node("Gemm", [x, weight, builder.weight([33])])
      let plan = try Comparison.check(
        builder.graph([builder.node("Relu", [value])]), builder.data(), tolerance: 1e-4)
      #expect(plan.titles == ["QuantizeLinear", "Gemm+Relu"])
      #expect(plan.layers[0].kernel.arithmetic == .int8, "\(plan.layers[0].kernel)")
    }
  }

  @Test(arguments: TensorCore.WeightBits.allCases)
  func rangesThatTheRunMeasuresTakeIntegerKernels(bits: TensorCore.WeightBits) throws {
    // As ONNX Runtime's dynamic quantizer writes it; the codes feed two products, as in attention.
    for (rows, threads) in [([3], 1), ([2, 40], 2)] {
      let builder = GraphBuilder(seed: 14)
      let x = builder.input("x", rows + [70])
      let codes = builder.node("DynamicQuantizeLinear", [x], outputs: 3, named: "dynamic")
      let real = builder.node("DequantizeLinear", [codes, "dynamic.out1", "dynamic.out2"])
      let left = builder.node("MatMul", [real, builder.quantized([70, 64], bits: bits, axis: 1)])
      let right = builder.node("MatMul", [real, builder.quantized([70, 64], bits: bits, axis: nil)])
      let sum = builder.node("Add", [left, builder.weight([64])])
      let plan = try Comparison.check(
        builder.graph([builder.node("Mul", [builder.node("Relu", [sum]), right])]), builder.data(),
        options: PlanOptions(threads: threads), tolerance: 1e-4)
      #expect(plan.titles.contains("DynamicQuantizeLinear") && !plan.titles.contains("DequantizeLinear"))
      #expect(plan.layers.count == 2 && plan.layers.allSatisfy { $0.kernel.arithmetic == .int8 })
    }
  }

  @Test func chainsStayInBytes() throws {
    let builder = GraphBuilder(seed: 5)
    let x = builder.fake8(builder.input("x", [1, 3, 12, 12]))
    var value = builder.node(
      "Conv", [x, builder.quantized([8, 3, 3, 3], bits: .int8, axis: 0), builder.weight([8])],
      ["pads": .ints([1, 1, 1, 1])])
    value = builder.node("Relu", [value])
    value = builder.node("MaxPool", [value], ["kernel_shape": .ints([2, 2]), "strides": .ints([2, 2])])
    value = builder.fake8(value, scale: 0.02, zero: 0)
    value = builder.node(
      "Conv", [value, builder.quantized([8, 1, 3, 3], bits: .int8, axis: 0)], ["group": .int(8)])
    value = builder.node("Flatten", [builder.node("Clip", [value, builder.scalar(0), builder.scalar(6)])])
    value = builder.fake8(value, scale: 0.01, zero: 3)
    value = builder.node(
      "Gemm", [value, builder.quantized([10, 128], bits: .int4, axis: 0)], ["transB": .int(1)])
    let graph = builder.graph([value])
    // One quantization step of the last activation, over 128 weights of at most 0.4, would be 0.5; in practice few differ.
    let plan = try Comparison.check(graph, builder.data(), tolerance: 0.02)
    #expect(plan.titles.filter { $0 == "QuantizeLinear" }.count == 1)
    #expect(!plan.titles.contains("DequantizeLinear"))
    #expect(plan.titles.contains("Conv+Relu+QuantizeLinear"))
    #expect(plan.titles.contains("Conv+Clip+QuantizeLinear"))
    #expect(plan.layers.allSatisfy { $0.kernel.arithmetic == .int8 })
  }

  @Test(arguments: 0..<20) func randomQuantizedNetworksStayWithinAStep(seed: Int) throws {
    let network = RandomNetwork.make(seed: UInt64(seed) + 1000, quantized: true)
    try Comparison.check(network.graph, network.data, tolerance: 0.05)
  }

  @Test func aSharedByteValueIsQuantizedOnce() throws {
    let builder = GraphBuilder(seed: 6)
    let x = builder.input("x", [4, 20])
    let left = builder.node("MatMul", [builder.fake8(x), builder.quantized([20, 9], bits: .int8, axis: 1)])
    let right = builder.node(
      "MatMul", [builder.fake8(x), builder.quantized([20, 9], bits: .int8, axis: nil)])
    let plan = try Comparison.check(
      builder.graph([builder.node("Add", [left, right])]), builder.data(), tolerance: 1e-4)
    #expect(plan.titles.filter { $0 == "QuantizeLinear" }.count == 1)
  }

  @Test func signedActivationsAndWeightInitializersOfOtherToolsRunAsIntegers() throws {
    let builder = GraphBuilder(seed: 7)
    let x = builder.input("x", [3, 24])
    let (scale, zero) = (builder.scalar(0.05), builder.constant(Tensor(scalar: Int8(-7))))
    let coded = builder.node("QuantizeLinear", [x, scale, zero])
    let data = builder.node("DequantizeLinear", [coded, scale, zero])
    let codes = builder.constant(
      try Tensor(shape: [24, 10], (0..<240).map { _ in Int8(builder.int(-127...127)) }))
    let scales = builder.constant((0..<10).map { _ in 0.001 + builder.random.uniform() * 0.01 })
    let zeros = builder.constant(try Tensor(shape: [10], [Int8](repeating: 0, count: 10)))
    let weight = builder.node("DequantizeLinear", [codes, scales, zeros], ["axis": .int(1)])
    let value = builder.node("MatMul", [data, weight])
    let plan = try Comparison.check(builder.graph([value]), builder.data(), tolerance: 1e-4)
    #expect(plan.layers[0].kernel.arithmetic == .int8)
    #expect(plan.titles == ["QuantizeLinear", "MatMul"])
  }

  @Test func graphsQuantizedThroughoutStayInBytes() throws {
    let builder = GraphBuilder(seed: 17)
    func weight(_ shape: [Int]) throws -> String {
      let shape = Shape(known: shape)
      let codes = builder.constant(
        try Tensor(shape: shape, (0..<shape.count).map { _ in Int8(builder.int(-127...127)) }))
      return builder.node("DequantizeLinear", [codes, builder.scalar(0.004)])
    }
    let bias = builder.constant(try Tensor(shape: [6], (0..<6).map { Int32($0 * 40 - 100) }))
    let x = builder.fake8(builder.input("x", [1, 2, 8, 8]))
    let conv = builder.node(
      "Conv",
      [x, try weight([6, 2, 3, 3]), builder.node("DequantizeLinear", [bias, builder.scalar(0.001)])])
    let pooled = builder.node(
      "MaxPool", [builder.fake8(conv, scale: 0.03, zero: 90)],
      ["kernel_shape": .ints([2, 2]), "strides": .ints([2, 2])])
    let flat = builder.node("Flatten", [builder.fake8(pooled, scale: 0.03, zero: 90)])
    let value = builder.node("MatMul", [builder.fake8(flat, scale: 0.03, zero: 90), try weight([54, 5])])
    let plan = try Comparison.check(builder.graph([builder.fake8(value)]), builder.data(), tolerance: 0.02)
    #expect(
      plan.titles.filter { $0 != "Transpose" } == [
        "QuantizeLinear", "Conv+QuantizeLinear", "MaxPool", "MatMul+QuantizeLinear", "DequantizeLinear",
      ])
  }

  @Test func aByteValueThatFloatsReadTooIsDequantized() throws {
    let builder = GraphBuilder(seed: 8)
    let x = builder.fake8(builder.input("x", [4, 20]))
    let product = builder.node("MatMul", [x, builder.quantized([20, 20], bits: .int8, axis: 1)])
    let value = builder.node("Sub", [product, builder.node("Tanh", [x])])
    try Comparison.check(builder.graph([value]), builder.data(), tolerance: 1e-4)
  }

  @Test func halfWeightsAreComputedAsFloats() throws {
    for rows in [1, 3, 20] {
      let builder = GraphBuilder(seed: 9)
      let x = builder.input("x", [rows, 48])
      let floats = builder.values(48 * 30, scale: 0.2)
      let half = builder.constant(try Tensor(shape: [48, 30], floats.map(Float16.init)))
      let value = builder.node("MatMul", [x, half])
      let data = builder.data()
      let wide = GraphBuilder(seed: 9)
      let weight = wide.constant(try Tensor(shape: [48, 30], floats.map { Float(Float16($0)) }))
      let expected = wide.node("MatMul", [wide.input("x", [rows, 48]), weight])
      let reference = try Comparison.reference(wide.graph([expected]), data)[expected]
      // As stored, 16 bits are read; where forms are timed, the machine decides whether floats are.
      for policy in [FormPolicy.stored, .measured] {
        let plan = try ExecutionPlan(graph: builder.graph([value]), options: PlanOptions(forms: policy))
        if policy == .stored { #expect(plan.layers[0].kernel.storage == .dense(.half(.float16))) }
        let found = try plan.run(data, in: plan.makeContext())[value]
        #expect(Comparison.largestDifference(found?.floats ?? [], reference?.floats ?? []) < 1e-4)
      }
    }
  }
}
