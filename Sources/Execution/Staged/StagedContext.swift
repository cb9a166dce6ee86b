import GraphIR
import Kernels
import Operators
import TensorCore

/// One thread's runs of a staged graph: its inputs and results, and the memory of the stages' plans.
final class StagedContext {
  let staged: StagedGraph
  var inputs: [String: RuntimeValue] = [:]
  private(set) var results: [String: RuntimeValue] = [:]
  /// Where the time of each node is added up, while a run is timed.
  var clock: StepClock?
  private let table: KernelTable
  private var memories: [ObjectIdentifier: (stage: Stage, context: ExecutionContext)] = [:]
  private var nested: [String: StagedContext] = [:]

  init(_ staged: StagedGraph) {
    self.staged = staged
    table = KernelTable.for(staged.options.level ?? .detected)
  }

  /// - Throws: `ExecutionError.unknownInput` or `.inputMismatch` where the declared type has other elements or rank.
  func set(_ name: String, _ tensor: Tensor) throws {
    guard let input = staged.graph.inputs.first(where: { $0.name == name }) else {
      throw ExecutionError.unknownInput(name: name, choices: staged.graph.inputs.map(\.name))
    }
    let found = TensorType(tensor.dataType, tensor.shape)
    if let dimensions = input.dimensions {
      let expected = dimensions.map { if case .fixed(let size) = $0 { size } else { 1 } }
      guard input.dataType == tensor.dataType, expected == tensor.shape.dimensions else {
        throw ExecutionError.inputMismatch(
          name: name, expected: TensorType(input.dataType, try Shape(expected)), found: found)
      }
    } else if input.dataType != tensor.dataType {
      throw ExecutionError.inputMismatch(
        name: name, expected: TensorType(input.dataType, tensor.shape), found: found)
    }
    inputs[name] = .tensor(tensor)
  }

  /// A tensor among the results.
  func value(_ name: String) throws -> Tensor {
    guard let tensor = results[name]?.tensor else { throw ExecutionError.unknownValue(name: name) }
    return tensor
  }

  /// Runs on the inputs set, and leaves outputs and kept values in `results`.
  func run() throws {
    for input in staged.graph.inputs where inputs[input.name] == nil {
      throw ExecutionError.missingInput(name: input.name, expected: TensorType(input.dataType, []))
    }
    results = try run(inputs)
  }

  /// Layers of all plans made so far, nested ones included.
  var layers: [PlannedLayer] {
    var seen: Set<String> = []
    return (memories.values.flatMap { $0.stage.plan?.layers ?? [] } + nested.values.flatMap(\.layers)).filter
    {
      seen.insert($0.node).inserted
    }
  }

  var arenaBytes: Int {
    memories.values.reduce(0) { $0 + ($1.stage.plan?.arenaBytes ?? 0) }
      + nested.values.reduce(0) { $0 + $1.arenaBytes }
  }

  private func run(_ given: [String: RuntimeValue]) throws -> [String: RuntimeValue] {
    let graph = staged.graph
    var values = given
    var stage: Stage? = try staged.firstStage(values)
    while let current = stage {
      if let plan = current.plan { try run(plan, of: current, &values) }
      for index in current.dynamic { try evaluate(graph.nodes[index], &values) }
      stage = try current.next(of: staged, values: values)
    }
    var results: [String: RuntimeValue] = [:]
    for name in graph.outputs.map(\.name) + staged.options.keep {
      if let value = values[name] ?? graph.initializers[name].map({ .tensor($0.tensor) }) {
        results[name] = value
      }
    }
    for output in graph.outputs where results[output.name] == nil {
      throw OperatorError.undefinedValue(name: output.name, node: "the outputs of \(graph.name)")
    }
    return results
  }

  private func run(_ plan: ExecutionPlan, of stage: Stage, _ values: inout [String: RuntimeValue]) throws {
    let context = memory(of: stage, plan: plan)
    for input in plan.inputs {
      guard let tensor = values[input.name]?.tensor else {
        throw OperatorError.undefinedValue(name: input.name, node: "a stage of the plan")
      }
      try context.setInput(input.name, tensor)
    }
    if let clock {
      try clock.run(plan, in: context)
    } else {
      try plan.run(in: context)
    }
    for output in plan.outputs { values[output.name] = .tensor(try context.value(output.name)) }
  }

  private func memory(of stage: Stage, plan: ExecutionPlan) -> ExecutionContext {
    let key = ObjectIdentifier(stage)
    if let memory = memories[key] { return memory.context }
    if memories.count >= 4 * Stage.limit { memories.removeAll() }
    let context = plan.makeContext()
    memories[key] = (stage, context)
    return context
  }

  private func evaluate(_ node: Node, _ values: inout [String: RuntimeValue]) throws {
    let start = clock == nil ? 0 : MonotonicTime.nanoseconds
    let graph = staged.graph
    func value(_ name: String) -> RuntimeValue? {
      values[name] ?? graph.initializers[name].map { .tensor($0.tensor) }
    }
    let inputs = try node.inputs.map { name -> RuntimeValue? in
      if name.isEmpty { return nil }
      guard let value = value(name) else {
        throw OperatorError.undefinedValue(name: name, node: node.name)
      }
      return value
    }
    let scope = values
    let call = OperatorCall(
      node: node, opset: graph.opset(of: node), inputs: inputs, table: table
    ) { [self] body, feeds in
      try runNested(body, of: node, feeds: feeds, scope: scope)
    }
    let found = try staged.registry.find(node, opset: call.opset).evaluate(call)
    for (name, result) in zip(node.outputs, found) where !name.isEmpty {
      if let result { values[name] = result }
    }
    clock?.add(MonotonicTime.nanoseconds &- start, to: node.name)
  }

  private func runNested(
    _ body: Graph, of node: Node, feeds: [RuntimeValue], scope: [String: RuntimeValue]
  ) throws -> [RuntimeValue] {
    guard let staged = staged.nested[body.name], feeds.count == body.inputs.count else {
      throw OperatorError.nestedGraph(
        kind: node.kind, node: node.name, name: body.name, expected: "\(feeds.count) inputs",
        found: "\(body.inputs.count)")
    }
    var values: [String: RuntimeValue] = [:]
    for name in staged.captures { values[name] = scope[name] }
    for (input, feed) in zip(body.inputs, feeds) { values[input.name] = feed }
    let context = nested[body.name] ?? StagedContext(staged)
    nested[body.name] = context
    context.clock = clock
    let results = try context.run(values)
    return body.outputs.compactMap { results[$0.name] }
  }
}

/// Time per node, added up over a run in which a node may run many times.
final class StepClock {
  private(set) var nanoseconds: [String: UInt64] = [:]

  func add(_ time: UInt64, to node: String) { nanoseconds[node, default: 0] += time }

  /// Runs a plan and gives each step's time to the layer it computes, or its first node.
  func run(_ plan: ExecutionPlan, in context: ExecutionContext) throws {
    var times = [UInt64](repeating: 0, count: plan.steps.count)
    try times.withUnsafeMutableBufferPointer { try plan.runTimed(in: context, stepNanoseconds: $0) }
    for (step, time) in zip(plan.steps, times) {
      if let node = step.layer ?? step.nodes.first { add(time, to: node) }
    }
  }
}
