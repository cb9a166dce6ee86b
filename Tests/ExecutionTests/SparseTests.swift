import Execution
import GraphIR
import TensorCore
import Testing

@Suite struct SparseTests {
  private func network(density: Float, rows: Int = 3) -> (Graph, [String: Tensor]) {
    let builder = GraphBuilder(seed: 11)
    let x = builder.input("x", [rows, 2, 8, 8])
    let weight = builder.weight([16, 2, 3, 3], density: density)
    let features = builder.node("Relu", [builder.node("Conv", [x, weight, builder.weight([16])])])
    let flat = builder.node("Flatten", [features])
    let value = builder.node(
      "Gemm", [flat, builder.weight([576, 40], density: density), builder.weight([40])])
    return (builder.graph([value]), builder.data())
  }

  @Test(arguments: [0, 0.02, 0.1, 0.4, 1] as [Float]) func bothFormsAgreeWithTheReference(density: Float)
    throws
  {
    let (graph, data) = network(density: density)
    for policy in [SparsePolicy.always, .never, .measured] {
      let plan = try Comparison.check(graph, data, options: PlanOptions(sparse: policy), tolerance: 1e-4)
      let sparse = plan.layers.filter { $0.kernel.contains("sparse") }.count
      if policy == .always { #expect(sparse == 2) }
      if policy == .never { #expect(sparse == 0) }
    }
  }

  @Test func quantizedZerosAreSkippedToo() throws {
    let builder = GraphBuilder(seed: 12)
    let x = builder.input("x", [3, 80])
    let weight = builder.quantized([80, 30], bits: .int8, axis: 1, density: 0.1)
    let graph = builder.graph([builder.node("MatMul", [x, weight])])
    let plan = try Comparison.check(
      graph, builder.data(), options: PlanOptions(sparse: .always), tolerance: 1e-4)
    #expect(plan.layers[0].kernel.contains("sparse 90 %"), "\(plan.layers[0].kernel)")
  }

  @Test func aDenseChoiceSaysWhy() throws {
    let (graph, _) = network(density: 0.7)
    let plan = try ExecutionPlan(graph: graph)
    #expect(plan.layers.allSatisfy { $0.remark?.contains("too high for the sparse kernel") == true })
  }

  @Test func measuredChoicesAreRemembered() throws {
    let cache = KernelChoiceCache()
    let (graph, _) = network(density: 0.2)
    let first = try ExecutionPlan(graph: graph, options: PlanOptions(choices: cache))
    #expect(cache.count == 2)
    let second = try ExecutionPlan(graph: graph, options: PlanOptions(choices: cache))
    #expect(cache.count == 2)
    #expect(first.layers == second.layers)
  }
}
