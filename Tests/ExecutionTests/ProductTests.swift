import Execution
import GraphIR
import TensorCore
import Testing

@Suite struct ProductTests {
  @Test(arguments: 0..<24) func gemmOfEveryFormAgreesWithTheReference(seed: Int) throws {
    let builder = GraphBuilder(seed: UInt64(seed) + 400)
    let (rows, depth, outputs) = (builder.int(1...9), builder.int(1...70), builder.int(1...50))
    let transposed = builder.flip()
    var attributes: [String: Attribute] = ["transB": .int(transposed ? 1 : 0)]
    if builder.flip() { attributes["alpha"] = .float(0.5) }
    if builder.flip() { attributes["beta"] = .float(2) }
    var inputs = [
      builder.input("x", [rows, depth]), builder.weight(transposed ? [outputs, depth] : [depth, outputs]),
    ]
    switch builder.int(0...4) {
    case 0: inputs.append(builder.weight([outputs]))
    case 1: inputs.append(builder.weight([1, outputs]))
    case 2: inputs.append(builder.scalar(0.7))
    case 3: inputs.append(builder.weight([rows, outputs]))
    default: break
    }
    let value = builder.node("Gemm", inputs, attributes)
    try Comparison.check(
      builder.graph([builder.node("Relu", [value])]), builder.data(), label: "\(attributes)")
  }

  @Test func gemmAddsAnotherValueInItsKernel() throws {
    let builder = GraphBuilder(seed: 5)
    let (x, c) = (builder.input("x", [3, 8]), builder.input("c", [3, 6]))
    let value = builder.node("Gemm", [x, builder.weight([8, 6]), c])
    let plan = try Comparison.check(builder.graph([value]), builder.data())
    #expect(plan.steps.count == 1)
  }

  @Test(arguments: [[5, 8], [2, 3, 8], [2, 2, 3, 8]]) func matMulOfAnyRankTakesBiasActivationAndResidual(
    shape: [Int]
  )
    throws
  {
    let builder = GraphBuilder(seed: 6)
    let x = builder.input("x", shape)
    let wide = builder.node("MatMul", [x, builder.weight([8, 33])])
    let biased = builder.node("Add", [builder.weight([33]), wide])
    let active = builder.node("Relu", [biased])
    let back = builder.node("MatMul", [active, builder.weight([33, 8])])
    let sum = builder.node("Add", [x, builder.node("Add", [back, builder.weight([8])])])
    let plan = try Comparison.check(builder.graph([sum]), builder.data())
    #expect(plan.titles == ["MatMul+Add+Relu", "MatMul+Add+Add"])
    #expect(plan.layers.map(\.macs) == Array(repeating: shape.dropLast().reduce(1, *) * 8 * 33, count: 2))
  }

  @Test func factorPairsRunAsTwoLayers() throws {
    let builder = GraphBuilder(seed: 7)
    let x = builder.input("x", [4, 40])
    let first = builder.node("MatMul", [x, builder.weight([40, 5])], named: "fc/rank0")
    let second = builder.node(
      "Gemm", [first, builder.weight([30, 5]), builder.weight([30])], named: "fc/rank1",
      [
        "transB": .int(1)
      ])
    let plan = try Comparison.check(builder.graph([second]), builder.data())
    #expect(plan.layers.map(\.node) == ["fc/rank0", "fc/rank1"])
  }

  @Test func productsOfTwoValuesAgreeWithTheReference() throws {
    let builder = GraphBuilder(seed: 8)
    let x = builder.input("x", [2, 3, 10, 16])
    let turned = builder.node("Transpose", [x], ["perm": .ints([0, 1, 3, 2])])
    let scores = builder.node("Mul", [builder.node("MatMul", [x, turned]), builder.scalar(0.25)])
    let value = builder.node("MatMul", [builder.node("Softmax", [scores], ["axis": .int(-1)]), x])
    try Comparison.check(builder.graph([value]), builder.data())
  }

  @Test func attentionHeadsAreSplitAndJoinedByStrides() throws {
    let builder = GraphBuilder(seed: 10)
    let x = builder.input("x", [2, 7, 24])
    func heads(_ permutation: [Int]) -> String {
      let value = builder.node("MatMul", [x, builder.weight([24, 24])])
      let split = builder.node("Reshape", [value, builder.constant(integers: [2, 7, 3, 8])])
      return builder.node("Transpose", [split], ["perm": .ints(permutation)])
    }
    let scores = builder.node("MatMul", [heads([0, 2, 1, 3]), heads([0, 2, 3, 1])])
    let scaled = builder.node("Div", [scores, builder.scalar(2.5)])
    let mixed = builder.node(
      "MatMul", [builder.node("Softmax", [scaled], ["axis": .int(-1)]), heads([0, 2, 1, 3])])
    let joined = builder.node("Transpose", [mixed], ["perm": .ints([0, 2, 1, 3])])
    let value = builder.node("Reshape", [joined, builder.constant(integers: [2, 7, 24])])
    let plan = try Comparison.check(builder.graph([value]), builder.data())
    #expect(!plan.titles.contains("Transpose"))
  }

  @Test func productsBroadcastAndTransposesWithOtherReadersStay() throws {
    let builder = GraphBuilder(seed: 11)
    let x = builder.input("x", [2, 3, 5, 6])
    let y = builder.input("y", [6, 4])
    let turned = builder.node("Transpose", [x], ["perm": .ints([0, 1, 3, 2])])
    let first = builder.node("MatMul", [x, y])
    let second = builder.node("MatMul", [turned, builder.input("z", [3, 5, 2])])
    let third = builder.node("Relu", [turned])
    let fourth = builder.node("MatMul", [builder.weight([2, 5]), x])
    try Comparison.check(builder.graph([first, second, third, fourth]), builder.data())
  }

  @Test func aNonFiniteInputGivesTheReferencesAnswer() throws {
    let builder = GraphBuilder(seed: 9)
    let x = builder.input("x", [3, 12])
    let value = builder.node(
      "Relu", [builder.node("Gemm", [x, builder.weight([12, 20]), builder.weight([20])])])
    var elements = builder.values(36)
    elements[5] = .nan
    elements[30] = .infinity
    let data = ["x": try Tensor(shape: [3, 12], elements)]
    try Comparison.check(builder.graph([value]), data)
  }
}
