import GraphIR
import Kernels
import Operators
import TensorCore

/// A graph made ready to run: operators fused, kernels chosen, memory planned. Immutable; runs happen in contexts.
package final class ExecutionPlan: Sendable {
  package let inputs: [(name: String, type: TensorType)]
  package let outputs: [(name: String, type: TensorType)]
  /// In the order in which they run.
  package let steps: [PlanStep]
  /// One per weight layer that a matrix kernel runs.
  package let layers: [PlannedLayer]
  /// Bytes a context holds for intermediate values and scratch.
  package let arenaBytes: Int
  /// The values in the arena.
  package var regions: [MemoryRegion] { assembly.regions }
  let assembly: PlanAssembly

  /// Plans `graph` for one batch size.
  /// - Throws: `GraphError`, `OperatorError` or `ExecutionError`, each naming what is wrong and the way out.
  package init(graph: Graph, options: PlanOptions = PlanOptions()) throws {
    guard options.batch > 0 else { throw ExecutionError.invalidBatch(found: options.batch) }
    let level = options.level ?? .detected
    let registry = OperatorRegistry.standard
    var editor = try GraphEditor(graph, options: options, registry: registry)
    if options.fuses { try Simplification.apply(to: &editor) }
    var lowering = Lowering(editor, registry: registry, table: KernelTable.for(level), options: options)
    let places = try lowering.lower()
    inputs = try editor.graph.inputs.map { ($0.name, try lowering.type(of: $0.name)) }
    outputs = try editor.graph.outputs.map { ($0.name, try lowering.type(of: $0.name)) }
    assembly = try PlanAssembly(lowering.program, pinned: places, limit: options.memoryLimit)
    arenaBytes = assembly.arenaBytes
    layers = lowering.program.layers
    steps = lowering.program.steps.map {
      PlanStep(name: $0.title, nodes: $0.nodes, kernel: $0.kernel, layer: $0.layer)
    }
  }

  /// Memory for runs of this plan on one thread at a time, to be used again and again.
  package func makeContext() -> ExecutionContext { ExecutionContext(self) }

  /// Runs on `inputs` and returns every output.
  /// - Throws: `ExecutionError` where an input is missing, unknown or of another type; what an operator throws on bad data.
  package func run(_ inputs: [String: Tensor], in context: ExecutionContext) throws -> [String: Tensor] {
    for (name, tensor) in inputs { try context.setInput(name, tensor) }
    try run(in: context)
    var results: [String: Tensor] = [:]
    for output in outputs { results[output.name] = try context.value(output.name) }
    return results
  }

  /// Runs on the inputs set in the context. Allocates nothing and takes no lock.
  package func run(in context: ExecutionContext) throws {
    try context.checkReady(for: self)
    for index in assembly.steps.indices { try assembly.steps[index].body.run(context.arguments(index)) }
  }

  /// Runs and writes the nanoseconds each step took, one place per step.
  package func runTimed(
    in context: ExecutionContext, stepNanoseconds: UnsafeMutableBufferPointer<UInt64>
  ) throws {
    try context.checkReady(for: self)
    guard stepNanoseconds.count == assembly.steps.count else {
      throw ExecutionError.timingBuffer(expected: assembly.steps.count, found: stepNanoseconds.count)
    }
    var before = MonotonicTime.nanoseconds
    for index in assembly.steps.indices {
      try assembly.steps[index].body.run(context.arguments(index))
      let after = MonotonicTime.nanoseconds
      stepNanoseconds[index] = after &- before
      before = after
    }
  }
}
