import Execution
import GraphIR
import TensorCore
import Testing

/// Groups of nodes that exporters write out, run as one step.
@Suite struct PatternTests {
  @Test(arguments: 0..<3) func geluInEveryOrder(form: Int) throws {
    let builder = GraphBuilder(seed: UInt64(form) + 8000)
    let x = builder.node("MatMul", [builder.input("x", [5, 12]), builder.weight([12, 40], scale: 1)])
    let scaled =
      form == 1
      ? builder.node("Mul", [builder.scalar(0.70710678), x])
      : builder.node("Div", [x, builder.scalar(1.41421356)])
    let sum = builder.node("Add", [builder.node("Erf", [scaled]), builder.scalar(1)])
    let half = builder.scalar(0.5)
    let value =
      switch form {
      case 0: builder.node("Mul", [builder.node("Mul", [x, sum]), half])
      case 1: builder.node("Mul", [builder.node("Mul", [x, half]), sum])
      default: builder.node("Mul", [x, builder.node("Mul", [half, sum])])
      }
    let plan = try Comparison.check(builder.graph([value]), builder.data())
    #expect(plan.titles == ["MatMul", "Gelu"])
  }

  @Test(arguments: 0..<3, [true, false]) func geluByTanh(form: Int, isExact: Bool) throws {
    let builder = GraphBuilder(seed: UInt64(form) + 8005)
    let x = builder.node("MatMul", [builder.input("x", [5, 12]), builder.weight([12, 40], scale: 1)])
    let cube =
      switch form {
      case 0: builder.node("Pow", [x, builder.scalar(3)])
      case 1: builder.node("Mul", [builder.node("Mul", [x, x]), x])
      default: builder.node("Mul", [x, builder.node("Pow", [x, builder.scalar(2)])])
      }
    let inner = builder.node(
      "Add", [x, builder.node("Mul", [cube, builder.scalar(isExact ? 0.044715 : 0.05)])])
    let tanh = builder.node("Tanh", [builder.node("Mul", [builder.scalar(0.7978845608), inner])])
    let sum = builder.node("Add", [tanh, builder.scalar(1)])
    let value =
      form == 0
      ? builder.node("Mul", [builder.node("Mul", [builder.scalar(0.5), x]), sum])
      : builder.node("Mul", [builder.node("Mul", [x, sum]), builder.scalar(0.5)])
    let plan = try Comparison.check(builder.graph([value]), builder.data())
    #expect(plan.titles.contains("Gelu") == isExact)
    #expect(plan.titles.contains("Tanh") != isExact)
  }

  @Test func whatOnlyLooksLikeGeluIsLeftAlone() throws {
    let builder = GraphBuilder(seed: 8010)
    let x = builder.input("x", [5, 12])
    let scaled = builder.node("Div", [x, builder.scalar(1.3)])
    let sum = builder.node("Add", [builder.node("Erf", [scaled]), builder.scalar(1)])
    let value = builder.node("Mul", [builder.node("Mul", [x, sum]), builder.scalar(0.5)])
    // Another reader of the sum needs it.
    let root = builder.node("Div", [x, builder.scalar(1.41421356)])
    let other = builder.node("Add", [builder.node("Erf", [root]), builder.scalar(1)])
    let second = builder.node("Mul", [builder.node("Mul", [x, other]), builder.scalar(0.5)])
    let plan = try Comparison.check(builder.graph([value, second, other]), builder.data())
    #expect(!plan.titles.contains("Gelu"))
  }

  @Test(arguments: 0..<4) func hardSwishInEveryForm(form: Int) throws {
    let builder = GraphBuilder(seed: UInt64(form) + 8020)
    let x = builder.node(
      "Conv", [builder.input("x", [1, 3, 8, 8]), builder.weight([8, 3, 3, 3], scale: 1)])
    func line() -> String {
      builder.node(
        "Clip", [builder.node("Add", [x, builder.scalar(3)]), builder.scalar(0), builder.scalar(6)])
    }
    let value =
      switch form {
      case 0:
        builder.node(
          "Mul", [x, builder.node("HardSigmoid", [x], ["alpha": .float(1 / 6), "beta": .float(0.5)])])
      case 1: builder.node("Div", [builder.node("Mul", [x, line()]), builder.scalar(6)])
      case 2: builder.node("Mul", [x, builder.node("Div", [line(), builder.scalar(6)])])
      default: builder.node("Mul", [builder.node("Mul", [line(), x]), builder.scalar(1 / 6)])
      }
    let plan = try Comparison.check(builder.graph([value]), builder.data())
    #expect(plan.titles.contains("HardSwish"))
    #expect(!plan.titles.contains("Clip"))
  }

  @Test(arguments: [false, true], [false, true])
  func layerNormalizationWrittenOut(usesPow: Bool, hasParameters: Bool) throws {
    let builder = GraphBuilder(seed: 8030)
    let x = builder.input("x", [2, 3, 33])
    let axes = ["axes": Attribute.ints([-1])]
    let centred = builder.node("Sub", [x, builder.node("ReduceMean", [x], axes)])
    let square =
      usesPow ? builder.node("Pow", [centred, builder.scalar(2)]) : builder.node("Mul", [centred, centred])
    let variance = builder.node("ReduceMean", [square], axes)
    let root = builder.node("Sqrt", [builder.node("Add", [variance, builder.scalar(1e-5)])])
    var value = builder.node("Div", [centred, root])
    if hasParameters {
      value = builder.node("Mul", [builder.weight([33], scale: 1), value])
      value = builder.node("Add", [value, builder.weight([33], scale: 1)])
    }
    let plan = try Comparison.check(builder.graph([value]), builder.data())
    #expect(plan.titles == ["LayerNormalization"])
  }

  enum MaskForm: CaseIterable { case none, whereHides, whereShows, added, addedCausal, perHead, perSample }

  /// Attention as exporters write it: heads split by transposes, a factor, a mask, and the heads joined again.
  private func attention(_ builder: GraphBuilder, batch: Int, length: Int, mask: MaskForm) throws -> Graph {
    let (heads, depth) = (3, 8)
    let width = heads * depth
    let x = builder.input("x", [batch, length, width])
    func split(_ permutation: [Int]) -> String {
      let value = builder.node(
        "Add", [builder.weight([width]), builder.node("MatMul", [x, builder.weight([width, width])])])
      let parts = builder.node("Reshape", [value, builder.constant(integers: [0, length, heads, depth])])
      return builder.node("Transpose", [parts], ["perm": .ints(permutation)])
    }
    var scores = builder.node("MatMul", [split([0, 2, 1, 3]), split([0, 2, 3, 1])])
    scores = builder.node("Mul", [scores, builder.scalar(0.35)])
    let upper = (0..<length * length).map { $0 % length > $0 / length }
    func flags(_ values: [Bool]) throws -> String {
      builder.constant(
        try Tensor(shape: [length, length], values))
    }
    switch mask {
    case .none: break
    case .whereHides:
      scores = builder.node("Where", [try flags(upper), builder.scalar(-.infinity), scores])
    case .whereShows:
      // A band, which is not causal.
      let band = (0..<length * length).map { abs($0 % length - $0 / length) < 3 }
      scores = builder.node("Where", [try flags(band), scores, builder.scalar(-1e9)])
    case .added:
      scores = builder.node("Add", [scores, builder.weight([1, 1, 1, length], scale: 1)])
    case .addedCausal:
      scores = builder.node(
        "Add", [builder.constant(upper.map { $0 ? -3.4e38 : 0 }, [1, 1, length, length]), scores])
    case .perHead:
      scores = builder.node("Add", [scores, builder.weight([heads, length, length], scale: 1)])
    case .perSample:
      scores = builder.node("Add", [scores, builder.input("m", [batch, 1, 1, length])])
    }
    let weights = builder.node("Softmax", [scores], ["axis": .int(-1)])
    let mixed = builder.node("MatMul", [weights, split([0, 2, 1, 3])])
    let joined = builder.node("Transpose", [mixed], ["perm": .ints([0, 2, 1, 3])])
    let value = builder.node("Reshape", [joined, builder.constant(integers: [0, length, width])])
    return builder.graph([builder.node("MatMul", [value, builder.weight([width, width])])])
  }

  @Test(arguments: MaskForm.allCases, [1, 2]) func attentionIsOneStep(mask: MaskForm, batch: Int) throws {
    for length in [1, 14, 37] {
      let builder = GraphBuilder(seed: 8040)
      let graph = try attention(builder, batch: batch, length: length, mask: mask)
      let plan = try Comparison.check(graph, builder.data(), tolerance: 1e-4, label: "\(mask) \(length)")
      #expect(plan.titles.filter { $0 == "Attention" }.count == 1, "\(mask) \(plan.titles)")
      #expect(!plan.titles.contains("Transpose") && !plan.titles.contains("Softmax"))
    }
  }

  @Test(arguments: MaskForm.allCases) func attentionOfManySamplesOnThreads(mask: MaskForm) throws {
    let builder = GraphBuilder(seed: 8050)
    let graph = try attention(builder, batch: 40, length: 20, mask: mask)
    let data = builder.data()
    var found: [[Float]] = []
    for threads in 1...3 {
      let plan = try ExecutionPlan(graph: graph, options: PlanOptions(threads: threads))
      let results = try plan.run(data, in: plan.makeContext())
      Comparison.expect(
        results, try Comparison.reference(graph, data), 1e-4, "\(mask) \(threads)", #_sourceLocation)
      found.append(results.values.first?.floats ?? [])
    }
    #expect(found[0] == found[1] && found[0] == found[2])
  }

  @Test func scoresThatOthersReadStay() throws {
    let builder = GraphBuilder(seed: 8060)
    let (q, k, v) = (
      builder.input("q", [2, 5, 8]), builder.input("k", [2, 8, 5]), builder.input("v", [2, 5, 4])
    )
    let weights = builder.node("Softmax", [builder.node("MatMul", [q, k])], ["axis": .int(-1)])
    let value = builder.node("MatMul", [weights, v])
    let kept = try Comparison.check(builder.graph([value, weights]), builder.data())
    #expect(!kept.titles.contains("Attention"))
    // Keys that lie depth by depth are not what the kernel reads: the nodes run one by one.
    let turned = try Comparison.check(builder.graph([value]), builder.data())
    #expect(!turned.titles.contains("Attention"))
  }
}
