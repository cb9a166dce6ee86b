import Execution
import GraphIR
import Kernels
import TensorCore
import Testing

/// What a plan says of the kernels it chose, whatever is faster on the machine.
@Suite struct PlannedKernelTests {
  /// Half of the weights, by a rule that every form of zeros can hold.
  private func halved(_ rows: Int) throws -> (Graph, [String: Tensor]) {
    let builder = GraphBuilder(seed: 31)
    let values = builder.values(96 * 160, scale: 0.1)
    let weight = builder.constant(
      try Tensor(shape: [96, 160], values.indices.map { $0 % 160 % 4 < 2 ? values[$0] + 1 : 0 }))
    let product = builder.node(
      "Gemm", [builder.input("x", [rows, 160]), weight, builder.weight([96])], ["transB": .int(1)])
    return (builder.graph([product]), builder.data())
  }

  @Test(arguments: MatrixForm.allCases, [1, 40]) func aFixedFormIsTaken(form: MatrixForm, rows: Int) throws {
    let (graph, data) = try halved(rows)
    let plan = try Comparison.check(
      graph, data, options: PlanOptions(forms: .always(form)), tolerance: 1e-4, label: "\(form)")
    let layer = try #require(plan.layers.first)
    let isRight =
      switch (form, layer.kernel.storage) {
      case (.dense, .dense(.float32)), (.floats, .dense(.float32)), (.sparse, .sparse(.float32, _)),
        (.blocks, .blocks):
        true
      case (.pattern, .pattern(let pattern)): pattern.kept == 2 && pattern.run == 4
      default: false
      }
    #expect(isRight, "\(layer.kernel)")
    #expect(layer.executedShare == (form == .dense || form == .floats ? 1 : 0.5))
    #expect(layer.macs == rows * 96 * 160 && layer.kernel.arithmetic == .float32)
    let bytes = layer.weightBytes - 96 * 4
    #expect(form == .dense || form == .floats ? bytes == 96 * 160 * 4 : bytes < 96 * 160 * 4)
    #expect(plan.steps.map(\.kernel) == [.product(layer.kernel)])
  }

  @Test func codesThatRunAsFloatsAreReadAsFloats() throws {
    let builder = GraphBuilder(seed: 32)
    let weight = builder.quantized([160, 96], bits: .int4, axis: 1)
    let graph = builder.graph([builder.node("MatMul", [builder.input("x", [3, 160]), weight])])
    let stored = try ExecutionPlan(graph: graph, options: PlanOptions(forms: .stored)).layers[0]
    let floats = try ExecutionPlan(graph: graph, options: PlanOptions(forms: .always(.floats))).layers[0]
    #expect(stored.kernel.storage == .packed(.four) && stored.weightBytes < 160 * 96)
    #expect(floats.kernel.storage == .dense(.float32) && floats.weightBytes == 160 * 96 * 4)
    #expect(floats.remark == .floatsAreFaster)
  }

  @Test func aPairIsOneStepOfTwoKernels() throws {
    let builder = GraphBuilder(seed: 33)
    let thin = builder.node("MatMul", [builder.input("x", [5, 64]), builder.weight([64, 8])])
    let graph = builder.graph([builder.node("MatMul", [thin, builder.weight([8, 48])])])
    let plan = try ExecutionPlan(graph: graph)
    #expect(plan.layers.count == 2 && plan.steps.count == 1)
    guard case .product(let kernel) = plan.steps[0].kernel else {
      Issue.record("\(plan.steps[0].kernel)")
      return
    }
    #expect(kernel.storage == .pair(plan.layers[0].kernel, plan.layers[1].kernel))
    #expect(kernel.code == nil)
    let traffic = try #require(plan.steps[0].traffic)
    #expect(traffic.weightsRead == plan.layers.reduce(0) { $0 + $1.weightBytes })
    #expect(traffic.dataRead == 5 * 64 * 4 && traffic.dataWritten == 5 * 48 * 4)
  }

  @Test func groupsOfChannelsAreToldTogether() throws {
    let builder = GraphBuilder(seed: 34)
    // The second group has no zeros, the first nothing else.
    let values = builder.values(16 * 4 * 9, scale: 0.1).map { $0 + 1 }
    let weight = builder.constant(
      try Tensor(shape: [16, 4, 3, 3], values.indices.map { $0 < 8 * 36 ? 0 : values[$0] }))
    let conv = builder.node("Conv", [builder.input("x", [1, 8, 6, 6]), weight], ["group": .int(2)])
    let plan = try Comparison.check(
      builder.graph([conv]), builder.data(), options: PlanOptions(forms: .always(.sparse)), tolerance: 1e-4)
    #expect(plan.layers.count == 1 && plan.layers[0].executedShare == 0.5)
    #expect(plan.layers[0].macs == 16 * 16 * 36)
  }

  @Test func bytesOfDataAreCountedAsBytes() throws {
    let builder = GraphBuilder(seed: 35)
    let x = builder.fake8(builder.input("x", [6, 70]))
    let product = builder.node("MatMul", [x, builder.quantized([70, 33], bits: .int8, axis: 1)])
    let plan = try ExecutionPlan(graph: builder.graph([builder.node("Tanh", [product])]))
    #expect(plan.steps.map(\.kernel).first == .operation("QuantizeLinear"))
    #expect(plan.steps.map(\.kernel).last == .operation("Tanh"))
    let step = try #require(plan.steps.first { $0.layer != nil })
    #expect(step.traffic?.dataRead == 6 * 70 && step.traffic?.dataWritten == 6 * 33 * 4)
    #expect(plan.layers[0].kernel.storage == .dense(.int8) && plan.layers[0].kernel.arithmetic == .int8)
  }

  @Test func windowsOfTheirOwnAreDepthwise() throws {
    for isInteger in [false, true] {
      let builder = GraphBuilder(seed: 36)
      let x = builder.input("x", [1, 8, 9, 9])
      let weight =
        isInteger ? builder.quantized([8, 1, 3, 3], bits: .int8, axis: 0) : builder.weight([8, 1, 3, 3])
      let conv = builder.node("Conv", [isInteger ? builder.fake8(x) : x, weight], ["group": .int(8)])
      let layer = try #require(try ExecutionPlan(graph: builder.graph([conv])).layers.first)
      #expect(layer.kernel.storage == .depthwise)
      #expect(layer.kernel.arithmetic == (isInteger ? .int8 : .float32))
    }
  }

  @Test func everyRemarkIsOnePhrase() {
    let remarks: [KernelRemark] = [
      .zerosAmongIntegers(density: 0.3), .tooDense(density: 0.7), .denseIsFaster(density: 0.4, ratio: 1.5),
      .floatsAreFaster, .halvesAreWidened, .codesAreUnpacked, .scalesAcrossRows, .memoryBound,
      .depthwiseNeedsBytes, .depthwiseHalves, .depthwiseZeros,
    ]
    #expect(Set(remarks.map { "\($0)" }).count == remarks.count)
    #expect("\(remarks[1])" == "density 70 % is too high for the sparse kernel")
    #expect("\(remarks[2])" == "at density 40 % dense is 1.5x as fast as sparse")
  }
}
