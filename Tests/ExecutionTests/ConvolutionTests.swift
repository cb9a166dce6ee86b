import Execution
import GraphIR
import TensorCore
import Testing

@Suite struct ConvolutionTests {
  @Test(arguments: 0..<40) func everyKindOfWindowAgreesWithTheReference(seed: Int) throws {
    let builder = GraphBuilder(seed: UInt64(seed) + 100)
    let groups = [1, 1, 2, 3][builder.int(0...3)]
    let channels = groups * builder.int(1...6)
    let outputs = groups * builder.int(1...20)
    let kernel = [builder.int(1...4), builder.int(1...4)]
    let dilations = [builder.int(1...2), builder.int(1...2)]
    let pads = (0..<4).map { _ in builder.int(0...2) }
    let reach = (0..<2).map { (kernel[$0] - 1) * dilations[$0] + 1 }
    let size = (0..<2).map { reach[$0] + builder.int(0...9) }
    let x = builder.input("x", [builder.int(1...3), channels] + size)
    var inputs = [x, builder.weight([outputs, channels / groups] + kernel)]
    if builder.flip() { inputs.append(builder.weight([outputs])) }
    var attributes: [String: Attribute] = [
      "strides": .ints([builder.int(1...3), builder.int(1...3)]), "dilations": .ints(dilations),
      "group": .int(groups), "kernel_shape": .ints(kernel),
    ]
    switch builder.int(0...3) {
    case 0: attributes["auto_pad"] = .string("SAME_UPPER")
    case 1: attributes["auto_pad"] = .string("SAME_LOWER")
    case 2: attributes["auto_pad"] = .string("VALID")
    default: attributes["pads"] = .ints(pads)
    }
    let value = builder.node("Conv", inputs, attributes)
    let plan = try Comparison.check(builder.graph([value]), builder.data(), label: "\(attributes)")
    #expect(plan.layers.count == 1)
  }

  @Test(arguments: 0..<12) func depthwiseAgreesWithTheReference(seed: Int) throws {
    let builder = GraphBuilder(seed: UInt64(seed) + 200)
    let channels = builder.int(2...37)
    let multiplier = seed % 4 == 3 ? 2 : 1
    let size = builder.int(1...5)
    let x = builder.input("x", [builder.int(1...2), channels, builder.int(5...12), builder.int(5...12)])
    let inputs = [
      x, builder.weight([channels * multiplier, 1, size, size]), builder.weight([channels * multiplier]),
    ]
    let pad = builder.int(0...size / 2)
    let value = builder.node(
      "Conv", inputs,
      [
        "group": .int(channels), "pads": .ints([pad, pad, pad, pad]),
        "strides": .ints([builder.int(1...2), builder.int(1...2)]),
      ])
    let relu = builder.node("Clip", [value, builder.scalar(-0.5), builder.scalar(1)])
    let plan = try Comparison.check(builder.graph([relu]), builder.data())
    #expect(plan.layers.count == 1)
  }

  @Test(arguments: 0..<6) func oneDimensionAgreesWithTheReference(seed: Int) throws {
    let builder = GraphBuilder(seed: UInt64(seed) + 300)
    let channels = builder.int(1...8)
    let x = builder.input("x", [2, channels, builder.int(6...20)])
    let value = builder.node(
      "Conv", [x, builder.weight([5, channels, 3]), builder.weight([5])],
      ["pads": .ints([builder.int(0...1), builder.int(0...2)]), "strides": .ints([builder.int(1...2)])])
    let pooled = builder.node("MaxPool", [builder.node("Relu", [value])], ["kernel_shape": .ints([2])])
    let plan = try Comparison.check(builder.graph([pooled]), builder.data())
    #expect(plan.layers.count == 1)
  }

  @Test func aWeightThatIsNotConstantRunsByItsOperator() throws {
    let builder = GraphBuilder(seed: 1)
    let (x, w) = (builder.input("x", [1, 2, 5, 5]), builder.input("w", [3, 2, 3, 3]))
    let value = builder.node("Relu", [builder.node("Conv", [x, w])])
    let plan = try Comparison.check(builder.graph([value]), builder.data())
    #expect(plan.layers.isEmpty)
  }

  @Test(arguments: 0..<30) func randomNetworksAgreeWithTheReference(seed: Int) throws {
    let network = RandomNetwork.make(seed: UInt64(seed))
    try Comparison.check(network.graph, network.data, tolerance: 1e-4)
    try Comparison.check(network.graph, network.data, options: PlanOptions(fuses: false), tolerance: 1e-4)
  }
}

/// Padding where channels lie last: between layers, of any axis, in every mode and form.
@Suite struct PadTests {
  @Test(arguments: 0..<16) func paddingBetweenConvolutionsMovesNoChannels(seed: Int) throws {
    let builder = GraphBuilder(seed: UInt64(seed) + 400)
    let mode = ["constant", "reflect", "edge", "wrap"][seed % 4]
    let isOld = mode != "wrap" && builder.flip()
    builder.opset = isOld ? 10 : 19
    let channels = builder.int(3...6)
    let x = builder.input("x", [2, 3, 7, 6])
    let before = builder.node("Conv", [x, builder.weight([channels, 3, 2, 2])])
    let pads = [0, builder.int(0...2), builder.int(-1...2), builder.int(0...2), 0, 2, 1, builder.int(-1...2)]
    let padded: String
    if isOld {
      padded = builder.node(
        "Pad", [before],
        ["mode": .string(mode), "pads": .ints(pads), "value": .float(mode == "constant" ? 0.5 : 0)])
    } else {
      let value = mode == "constant" ? [builder.scalar(0.5)] : []
      padded = builder.node(
        "Pad", [before, builder.constant(integers: pads)] + value, ["mode": .string(mode)])
    }
    let after = builder.node("Conv", [padded, builder.weight([4, channels + pads[1] + pads[5], 1, 1])])
    let plan = try Comparison.check(builder.graph([after]), builder.data(), label: "\(mode) \(pads)")
    // In and out of the whole: nothing in between.
    #expect(plan.titles.filter { $0 == "Transpose" }.count <= 2, "\(plan.titles)")
  }
}
