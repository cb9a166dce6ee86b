import Execution
import GraphIR
import Kernels
import Operators
import TensorCore
import Testing

/// Recurrent operators whose weights a plan packs once, beside those that each run packs, at every feature level.
@Suite struct RecurrentTests {
  struct Case: CustomTestStringConvertible, Sendable {
    var kind: OperatorKind
    var gates: Int
    var direction = "forward"
    var resetsAfter = false
    var isBatchFirst = false
    var hasLengths = false
    var functions: [String] = []
    var clip: Float = 0
    var hasPeepholes = false

    var testDescription: String { "\(kind) \(direction) \(functions) \(isBatchFirst) \(hasLengths)" }
  }

  static let cases = [
    Case(kind: "LSTM", gates: 4), Case(kind: "LSTM", gates: 4, direction: "bidirectional", hasLengths: true),
    Case(kind: "LSTM", gates: 4, direction: "reverse", isBatchFirst: true, clip: 0.5, hasPeepholes: true),
    Case(
      kind: "LSTM", gates: 4, isBatchFirst: true, hasLengths: true,
      functions: ["HardSigmoid", "Softsign", "Affine"]),
    Case(kind: "GRU", gates: 3), Case(kind: "GRU", gates: 3, direction: "bidirectional", resetsAfter: true),
    Case(
      kind: "GRU", gates: 3, direction: "reverse", resetsAfter: true, isBatchFirst: true, hasLengths: true),
    Case(kind: "GRU", gates: 3, hasLengths: true, functions: ["Elu", "ScaledTanh"], clip: 0.5),
    Case(kind: "RNN", gates: 1, direction: "bidirectional", hasLengths: true),
    Case(kind: "RNN", gates: 1, isBatchFirst: true, functions: ["Relu"]),
  ]

  private func graph(_ which: Case, isFed: Bool, seed: UInt64) -> (GraphBuilder, Graph) {
    let builder = GraphBuilder(seed: seed)
    let (steps, batch, inputs, hidden) = (7, 3, 5, 21)
    let ways = which.direction == "bidirectional" ? 2 : 1
    func weight(_ name: String, _ shape: [Int]) -> String {
      isFed ? builder.input(name, shape) : builder.weight(shape, scale: 0.4)
    }
    let x = builder.input("x", which.isBatchFirst ? [batch, steps, inputs] : [steps, batch, inputs])
    let state = which.isBatchFirst ? [batch, ways, hidden] : [ways, batch, hidden]
    var names = [
      x, weight("w", [ways, which.gates * hidden, inputs]),
      weight("r", [ways, which.gates * hidden, hidden]),
      weight("b", [ways, 2 * which.gates * hidden]), "", builder.input("h", state),
    ]
    if which.hasLengths {
      names[4] = builder.constant(try! Tensor(shape: [3], [7, 0, 4] as [Int32]))
    }
    if which.kind == "LSTM" {
      names.append(builder.input("c", state))
      if which.hasPeepholes { names.append(weight("p", [ways, 3 * hidden])) }
    }
    var attributes: [String: Attribute] = [
      "hidden_size": .int(hidden), "direction": .string(which.direction),
      "layout": .int(which.isBatchFirst ? 1 : 0),
    ]
    if which.resetsAfter { attributes["linear_before_reset"] = .int(1) }
    if which.clip > 0 { attributes["clip"] = .float(which.clip) }
    if !which.functions.isEmpty { attributes["activations"] = .strings(which.functions) }
    let outputs = which.kind == "LSTM" ? 3 : 2
    builder.node(which.kind, names, outputs: outputs, named: "cell", attributes)
    return (builder, builder.graph((0..<outputs).map { "cell.out\($0)" }))
  }

  @Test(arguments: cases) func weightsPackedOnceAndInEachRunAgree(which: Case) throws {
    let (fed, open) = graph(which, isFed: true, seed: 41)
    let data = fed.data()
    try Comparison.check(open, data, label: which.testDescription)
    // The same weights as constants.
    var closed = open
    let names = ["w", "r", "b", "p"]
    closed.inputs.removeAll { names.contains($0.name) }
    for name in names { if let tensor = data[name] { closed.initializers[name] = .dense(tensor) } }
    let rest = data.filter { !names.contains($0.key) }
    let expected = try Comparison.reference(open, data)
    for level in CPUFeatureLevel.available {
      let plan = try ExecutionPlan(graph: closed, options: PlanOptions(level: level))
      let found = try plan.run(rest, in: plan.makeContext())
      Comparison.expect(found, expected, 2e-5, "\(which.testDescription) \(level)", #_sourceLocation)
    }
  }

  @Test(arguments: cases) func lastStatesDoNotNeedAllOfThem(which: Case) throws {
    let (builder, whole) = graph(which, isFed: false, seed: 42)
    let data = builder.data()
    var last = whole
    last.outputs.removeAll { $0.name == "cell.out0" }
    let expected = try Comparison.reference(whole, data).filter { $0.key != "cell.out0" }
    let plan = try ExecutionPlan(graph: last)
    Comparison.expect(
      try plan.run(data, in: plan.makeContext()), expected, 2e-5, which.testDescription, #_sourceLocation)
  }
}
