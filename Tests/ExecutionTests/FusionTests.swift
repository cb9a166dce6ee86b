import Execution
import GraphIR
import TensorCore
import Testing

@Suite struct FusionTests {
  private func conv(_ builder: GraphBuilder, _ x: String, _ channels: Int, _ outputs: Int) -> String {
    builder.node("Conv", [x, builder.weight([outputs, channels, 3, 3])], ["pads": .ints([1, 1, 1, 1])])
  }

  @Test func normalizationAndActivationVanishIntoTheConvolution() throws {
    let builder = GraphBuilder(seed: 1)
    let x = builder.input("x", [1, 3, 8, 8])
    let value = builder.batchNorm(conv(builder, x, 3, 8), channels: 8)
    let active = builder.node("Clip", [value, builder.scalar(0), builder.scalar(6)])
    let plan = try Comparison.check(builder.graph([active]), builder.data())
    #expect(plan.titles.contains("Conv+BatchNormalization+Clip"))
    #expect(!plan.titles.contains("BatchNormalization"))
  }

  @Test func aNormalizationOfItsOwnStaysInTheLayout() throws {
    let builder = GraphBuilder(seed: 2)
    let x = builder.input("x", [2, 4, 6, 6])
    let first = builder.node("Relu", [conv(builder, x, 4, 8)])
    let normal = builder.batchNorm(first, channels: 8)
    let value = conv(builder, builder.node("Relu", [normal]), 8, 4)
    let plan = try Comparison.check(builder.graph([value]), builder.data())
    // One change of layout on the way in and one on the way out.
    #expect(plan.titles.filter { $0 == "Transpose" }.count == 2)
  }

  @Test func residualsAreAddedInTheKernel() throws {
    let builder = GraphBuilder(seed: 3)
    let x = builder.input("x", [1, 6, 7, 7])
    let left = builder.node("Relu", [conv(builder, x, 6, 6)])
    let right = conv(builder, left, 6, 6)
    let value = builder.node("Relu", [builder.node("Add", [left, right])])
    let plan = try Comparison.check(builder.graph([value]), builder.data())
    #expect(plan.titles.contains("Conv+Add+Relu"))
  }

  @Test func aValueReadTwiceIsNotSwallowed() throws {
    let builder = GraphBuilder(seed: 4)
    let x = builder.input("x", [1, 6, 7, 7])
    let value = conv(builder, x, 6, 6)
    let active = builder.node("Relu", [value])
    let sum = builder.node("Add", [value, active])
    let twice = builder.node("Add", [sum, sum])
    try Comparison.check(builder.graph([twice, active]), builder.data())
  }

  @Test func anActivationBeforeTheSumStaysBeforeIt() throws {
    let builder = GraphBuilder(seed: 5)
    let x = builder.input("x", [1, 6, 7, 7])
    let active = builder.node("Relu", [conv(builder, x, 6, 6)])
    let value = builder.node("Add", [active, x])
    let plan = try Comparison.check(builder.graph([value]), builder.data())
    #expect(plan.titles.contains("Conv+Relu"))
  }

  @Test func clipsInARowKeepTheirOrder() throws {
    for bounds in [[(0, 6), (2, 3)], [(2, 3), (5, 9)], [(2, 3), (-4, 1)]] as [[(Float, Float)]] {
      let builder = GraphBuilder(seed: 6)
      var value = builder.node("Gemm", [builder.input("x", [4, 5]), builder.weight([5, 9], scale: 3)])
      for (low, high) in bounds {
        value = builder.node("Clip", [value, builder.scalar(low), builder.scalar(high)])
      }
      let plan = try Comparison.check(builder.graph([value]), builder.data())
      #expect(plan.titles == ["Gemm+Clip+Clip"])
    }
  }

  @Test func oldClipsAndScalesPerChannelFuse() throws {
    let builder = GraphBuilder(seed: 7)
    builder.opset = 9
    let x = builder.input("x", [2, 5])
    let product = builder.node("MatMul", [x, builder.weight([5, 9])])
    let scaled = builder.node("Mul", [product, builder.weight([9], scale: 1)])
    let moved = builder.node("Sub", [scaled, builder.weight([9], scale: 1)])
    let value = builder.node("Clip", [moved], ["min": .float(-0.5), "max": .float(0.5)])
    let plan = try Comparison.check(builder.graph([value]), builder.data())
    #expect(plan.titles == ["MatMul+Mul+Sub+Clip"])
  }

  @Test func flattenedConvolutionsFeedTheDenseLayerWithoutACopy() throws {
    let builder = GraphBuilder(seed: 8)
    let x = builder.input("x", [2, 1, 9, 9])
    let pooled = builder.node(
      "MaxPool", [conv(builder, x, 1, 6)], ["kernel_shape": .ints([3, 3]), "strides": .ints([3, 3])])
    let flat = builder.node("Relu", [builder.node("Flatten", [pooled])])
    let value = builder.node("Gemm", [flat, builder.weight([54, 10]), builder.weight([10])])
    let plan = try Comparison.check(builder.graph([value]), builder.data())
    #expect(!plan.titles.contains("Transpose"))
  }

  @Test func aFlattenedValueWithAnotherReaderIsPutInOrder() throws {
    let builder = GraphBuilder(seed: 9)
    let x = builder.input("x", [1, 2, 4, 5])
    let flat = builder.node("Reshape", [conv(builder, x, 2, 3), builder.constant(integers: [1, -1])])
    let gemm = builder.node("Gemm", [flat, builder.weight([60, 4])])
    let sum = builder.node("Softmax", [flat])
    try Comparison.check(builder.graph([gemm, sum]), builder.data())
  }

  @Test func layoutChangesOfTheGraphsOwnAreFree() throws {
    let builder = GraphBuilder(seed: 10)
    let x = builder.input("x", [1, 6, 5, 3])
    let first = builder.node("Transpose", [x], ["perm": .ints([0, 3, 1, 2])])
    let value = conv(builder, first, 3, 7)
    let flat = builder.node("Reshape", [value, builder.constant(integers: [1, 7, -1])])
    let tokens = builder.node("Transpose", [flat], ["perm": .ints([0, 2, 1])])
    let plan = try Comparison.check(builder.graph([tokens]), builder.data())
    #expect(plan.titles == ["Conv"])
  }

  @Test func channelOperatorsRunInTheConvolutionsLayout() throws {
    let builder = GraphBuilder(seed: 11)
    let x = builder.input("x", [2, 3, 6, 6])
    let a = conv(builder, x, 3, 5)
    let b = builder.node("Concat", [a, builder.node("Tanh", [a])], ["axis": .int(-3)])
    let scaled = builder.node("Mul", [b, builder.weight([10, 1, 1], scale: 1)])
    let chosen = builder.node("Softmax", [scaled], ["axis": .int(1)])
    let mean = builder.node("ReduceMean", [chosen], ["axes": .ints([2, 3]), "keepdims": .int(0)])
    let kept = builder.node("ReduceMax", [chosen], ["axes": .ints([-1, -2]), "keepdims": .int(1)])
    let plan = try Comparison.check(builder.graph([mean, kept]), builder.data())
    #expect(plan.titles.filter { $0 == "Transpose" }.count == 1)
  }

  @Test func operatorsWithoutARuleGetThePlainLayout() throws {
    let builder = GraphBuilder(seed: 12)
    let x = builder.input("x", [1, 3, 6, 6])
    let a = conv(builder, x, 3, 4)
    let turned = builder.node("Transpose", [a], ["perm": .ints([0, 1, 3, 2])])
    let row = builder.node("ReduceMean", [a], ["axes": .ints([3])])
    let value = builder.node("Add", [turned, row])
    try Comparison.check(builder.graph([value]), builder.data())
  }

  @Test func averagePoolsOfEveryKind() throws {
    for (index, count) in [0, 1].enumerated() {
      for ceil in [0, 1] {
        let builder = GraphBuilder(seed: UInt64(20 + index))
        builder.opset = 19
        let x = builder.input("x", [1, 4, 7, 8])
        let value = builder.node(
          "AveragePool", [conv(builder, x, 4, 4)],
          [
            "kernel_shape": .ints([3, 2]), "strides": .ints([2, 2]), "pads": .ints([1, 0, 1, 1]),
            "count_include_pad": .int(count), "ceil_mode": .int(ceil),
          ])
        let largest = builder.node(
          "MaxPool", [conv(builder, x, 4, 4)],
          ["kernel_shape": .ints([2, 2]), "strides": .ints([2, 2]), "ceil_mode": .int(ceil)])
        try Comparison.check(builder.graph([value, largest]), builder.data(), label: "\(count) \(ceil)")
      }
    }
  }
}
