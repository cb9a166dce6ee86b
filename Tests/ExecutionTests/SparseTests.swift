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
    for policy in [FormPolicy.always(.sparse), .stored, .measured] {
      let plan = try Comparison.check(graph, data, options: PlanOptions(forms: policy), tolerance: 1e-4)
      let sparse = plan.layers.count { if case .sparse = $0.kernel.storage { true } else { false } }
      if policy == .always(.sparse) { #expect(sparse == 2) }
      if policy == .stored { #expect(sparse == 0) }
    }
  }

  @Test func quantizedZerosAreSkippedToo() throws {
    let builder = GraphBuilder(seed: 12)
    let x = builder.input("x", [3, 80])
    let weight = builder.quantized([80, 30], bits: .int8, axis: 1, density: 0.1)
    let graph = builder.graph([builder.node("MatMul", [x, weight])])
    let plan = try Comparison.check(
      graph, builder.data(), options: PlanOptions(forms: .always(.sparse)), tolerance: 1e-4)
    guard case .sparse(.int8, let shares) = plan.layers[0].kernel.storage else {
      Issue.record("\(plan.layers[0].kernel)")
      return
    }
    #expect(abs(shares.zeros - 0.9) < 0.01 && shares.skipped == shares.zeros)
  }

  @Test func aDenseChoiceSaysWhy() throws {
    let (graph, _) = network(density: 0.7)
    let plan = try ExecutionPlan(graph: graph)
    for layer in plan.layers {
      guard case .tooDense(let density) = layer.remark else {
        Issue.record("\(layer.remark.map { "\($0)" } ?? "no remark")")
        continue
      }
      #expect(abs(density - 0.7) < 0.1)
    }
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
