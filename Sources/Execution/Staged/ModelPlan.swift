import GraphIR
import Gradients
import Operators
import TensorCore

/// A model made ready to run, whatever its graph: by one plan where every shape is known ahead, else stage by stage.
///
/// Immutable to its users; what a staged run learns about shapes is kept for the next. Runs happen in contexts.
package final class ModelPlan: Sendable {
  package let inputs: [(name: String, type: TensorType)]
  /// Of a staged plan, as the trial run found them; its later runs may give other shapes.
  package let outputs: [(name: String, type: TensorType)]
  /// In the order in which they run; of a staged plan one per node, those of nested graphs behind their own.
  package let steps: [PlanStep]
  package let layers: [PlannedLayer]
  /// Bytes a context holds for intermediate values and scratch, as far as known ahead.
  package let arenaBytes: Int
  /// Whether shapes depend on the data, or nested graphs or sequences are run.
  package var isStaged: Bool { if case .staged = form { true } else { false } }

  enum Form: Sendable {
    case planned(ExecutionPlan)
    case staged(StagedGraph)
  }

  let form: Form

  /// - Parameter trial: inputs for a first run of a staged graph, which finds its shapes; zeros where there are none.
  /// - Throws: `GraphError`, `OperatorError` or `ExecutionError`, each naming what is wrong and the way out.
  package init(graph: Graph, options: PlanOptions = PlanOptions(), trial: [String: Tensor] = [:]) throws {
    let graph = try GradientExpansion.expanded(graph, dimensions: options.dimensions)
    if !StagedGraph.isRequired(graph) {
      do {
        let plan = try ExecutionPlan(graph: graph, options: options)
        form = .planned(plan)
        inputs = plan.inputs
        outputs = plan.outputs
        steps = plan.steps
        layers = plan.layers
        arenaBytes = plan.arenaBytes
        return
      } catch let error as OperatorError where error.isKnownWhenRun || error.isUnknownRank {
        // Only a run can tell: stage by stage.
      }
    }
    let staged = try StagedGraph(graph, options: options)
    let context = StagedContext(staged)
    let values = try staged.trialInputs(trial)
    for (name, tensor) in values { context.inputs[name] = .tensor(tensor) }
    try context.run()
    form = .staged(staged)
    inputs = graph.inputs.compactMap { input in
      values[input.name].map { (input.name, TensorType($0.dataType, $0.shape)) }
    }
    outputs = graph.outputs.compactMap { output in
      context.results[output.name]?.tensor.map { (output.name, TensorType($0.dataType, $0.shape)) }
    }
    steps = staged.steps
    layers = context.layers
    arenaBytes = context.arenaBytes
  }

  /// Memory for runs of this plan on one thread at a time, to be used again and again.
  package func makeContext() -> ModelContext { ModelContext(self) }

  /// Runs on `inputs` and returns every output that is a tensor; members of a sequence are named `NAME.0`, `NAME.1`, ...
  /// - Throws: `ExecutionError` where an input is missing, unknown or of another type; what an operator throws on bad
  ///   data.
  package func run(_ inputs: [String: Tensor], in context: ModelContext) throws -> [String: Tensor] {
    switch (form, context.form) {
    case (.planned(let plan), .planned(_, let context)): return try plan.run(inputs, in: context)
    case (.staged(let graph), .staged(let context)):
      for (name, tensor) in inputs { try context.set(name, tensor) }
      try context.run()
      var found: [String: Tensor] = [:]
      for output in graph.graph.outputs {
        context.results[output.name].map { found.merge($0.tensors(named: output.name)) { first, _ in first } }
      }
      return found
    default: throw ExecutionError.foreignContext
    }
  }

  /// Runs on the inputs set in the context.
  package func run(in context: ModelContext) throws {
    switch (form, context.form) {
    case (.planned(let plan), .planned(_, let context)): try plan.run(in: context)
    case (.staged, .staged(let context)): try context.run()
    default: throw ExecutionError.foreignContext
    }
  }

  /// Runs and writes the nanoseconds each step took, one place per step.
  package func runTimed(
    in context: ModelContext, stepNanoseconds: UnsafeMutableBufferPointer<UInt64>
  ) throws {
    switch (form, context.form) {
    case (.planned(let plan), .planned(_, let context)):
      try plan.runTimed(in: context, stepNanoseconds: stepNanoseconds)
    case (.staged, .staged(let context)):
      guard stepNanoseconds.count == steps.count else {
        throw ExecutionError.timingBuffer(expected: steps.count, found: stepNanoseconds.count)
      }
      let clock = StepClock()
      context.clock = clock
      defer { context.clock = nil }
      try context.run()
      for (index, step) in steps.enumerated() {
        stepNanoseconds[index] = step.nodes.first.flatMap { clock.nanoseconds[$0] } ?? 0
      }
    default: throw ExecutionError.foreignContext
    }
  }
}

/// The memory of a model's runs on one thread.
package final class ModelContext {
  enum Form {
    case planned(ExecutionPlan, ExecutionContext)
    case staged(StagedContext)
  }

  let form: Form

  init(_ plan: ModelPlan) {
    switch plan.form {
    case .planned(let plan): form = .planned(plan, plan.makeContext())
    case .staged(let graph): form = .staged(StagedContext(graph))
    }
  }

  /// Feeds an input; the tensor is kept and read by every run until another is set.
  /// - Throws: `ExecutionError` where no input has the name, or its type is another.
  package func setInput(_ name: String, _ tensor: Tensor) throws {
    switch form {
    case .planned(_, let context): try context.setInput(name, tensor)
    case .staged(let context): try context.set(name, tensor)
    }
  }

  /// The type of an output or of a value the plan was asked to keep; nil for what `value` does not give.
  package func type(of name: String) -> TensorType? {
    switch form {
    case .planned(let plan, _): plan.type(of: name)
    case .staged(let context): context.results[name]?.tensor.map { TensorType($0.dataType, $0.shape) }
    }
  }

  /// A copy of an output, or of a value the plan was asked to keep, as the last run left it.
  /// - Throws: `ExecutionError.unknownValue`.
  package func value(_ name: String) throws -> Tensor {
    switch form {
    case .planned(_, let context): return try context.value(name)
    case .staged(let context): return try context.value(name)
    }
  }

  /// An output's elements in place; valid until the next run.
  /// - Throws: `ExecutionError.unknownValue`; `TensorError.dataTypeMismatch` where it holds another type.
  package func withOutput<Element: TensorElement, Result>(
    _ name: String, of type: Element.Type = Element.self,
    _ body: (UnsafeBufferPointer<Element>) throws -> Result
  ) throws -> Result {
    switch form {
    case .planned(_, let context): try context.withOutput(name, of: type, body)
    case .staged(let context): try context.value(name).withElements(of: type, body)
    }
  }
}

extension OperatorError {
  /// Whether an input's shape is all that is missing, which tensors to be fed have.
  fileprivate var isUnknownRank: Bool { if case .unknownRank = self { true } else { false } }
}

extension RuntimeValue {
  /// The tensors it holds, by a name each.
  func tensors(named name: String) -> [String: Tensor] {
    switch self {
    case .tensor(let tensor): return [name: tensor]
    case .optional(let value): return value?.tensors(named: name) ?? [:]
    case .sequence(let members):
      var found: [String: Tensor] = [:]
      for (index, member) in members.enumerated() {
        found.merge(member.tensors(named: "\(name).\(index)")) { first, _ in first }
      }
      return found
    }
  }
}
