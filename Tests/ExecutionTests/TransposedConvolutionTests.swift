import Execution
import GraphIR
import TensorCore
import Testing

/// Transposed convolutions as plans run them, beside the operator that folds every window into the image.
@Suite struct TransposedConvolutionTests {
  private func graph(seed: Int, tiles: Bool, tail: Bool) -> (GraphBuilder, Graph) {
    let builder = GraphBuilder(seed: UInt64(seed) + 900)
    let axes = seed % 3 == 0 ? 1 : 2
    func sizes(_ range: ClosedRange<Int>) -> [Int] { (0..<axes).map { _ in builder.int(range) } }
    let (channels, outputs) = (builder.int(1...9), builder.int(1...20))
    let strides = sizes(1...3)
    let kernel = tiles ? strides : sizes(1...4)
    let x = builder.input("x", [builder.int(1...2), channels] + sizes(1...40))
    var attributes: [String: Attribute] = ["strides": .ints(strides), "kernel_shape": .ints(kernel)]
    if !tiles {
      attributes["dilations"] = .ints(sizes(1...2))
      attributes["pads"] = .ints(kernel.map { min($0 - 1, builder.int(0...2)) } + kernel.map { _ in 0 })
      attributes["output_padding"] = .ints(strides.map { builder.int(0...$0 - 1) })
    }
    var inputs = [x, builder.weight([channels, outputs] + kernel)]
    if builder.flip() { inputs.append(builder.weight([outputs])) }
    var value = builder.node("ConvTranspose", inputs, attributes)
    if tail {
      if builder.flip() { value = builder.batchNorm(value, channels: outputs) }
      value = builder.node("Relu", [value])
    }
    return (builder, builder.graph([value]))
  }

  @Test(arguments: 0..<30) func everyWindowAgreesWithTheReference(seed: Int) throws {
    let (builder, graph) = graph(seed: seed, tiles: seed % 4 == 1, tail: seed % 2 == 0)
    let plan = try Comparison.check(graph, builder.data(), label: "\(graph.nodes)")
    #expect(plan.layers.count == 1)
    #expect(plan.steps.filter { !$0.nodes.isEmpty }.count == 1, "\(plan.titles)")
  }

  @Test(arguments: 0..<6) func cutsChangeNoSum(seed: Int) throws {
    let builder = GraphBuilder(seed: UInt64(seed) + 950)
    let x = builder.input("x", [1, 24, builder.int(20...30), builder.int(20...30)])
    let size = seed % 2 == 0 ? 2 : 4
    let value = builder.node(
      "ConvTranspose", [x, builder.weight([24, 16, size, size]), builder.weight([16])],
      ["strides": .ints([2, 2]), "pads": .ints(Array(repeating: size / 2 - 1, count: 4))])
    let (graph, data) = (builder.graph([value]), builder.data())
    let one = try results(graph, data, threads: 1)
    for threads in [2, 5] { #expect(try results(graph, data, threads: threads) == one) }
  }

  private func results(_ graph: Graph, _ data: [String: Tensor], threads: Int) throws -> [[Float]] {
    let plan = try ExecutionPlan(graph: graph, options: PlanOptions(threads: threads))
    return try plan.run(data, in: plan.makeContext()).sorted { $0.key < $1.key }.map(\.value.floats)
  }

  @Test func groupsAndThreeAxesAreLeftToTheOperator() throws {
    for (shape, weight, group) in [
      ([1, 4, 5, 5], [4, 3, 2, 2], 2), ([1, 2, 3, 3, 3], [2, 3, 2, 2, 2], 1),
    ] {
      let builder = GraphBuilder(seed: 990)
      let value = builder.node(
        "ConvTranspose", [builder.input("x", shape), builder.weight(weight)], ["group": .int(group)])
      try Comparison.check(builder.graph([value]), builder.data())
    }
  }
}
