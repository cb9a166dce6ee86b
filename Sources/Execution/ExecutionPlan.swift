import GraphIR
import Kernels
import Operators
import Rewriting
import TensorCore

/// A graph made ready to run: operators fused, kernels chosen, memory planned. Immutable; runs happen in contexts.
package final class ExecutionPlan: Sendable {
  package let inputs: [(name: String, type: TensorType)]
  package let outputs: [(name: String, type: TensorType)]
  /// In the order in which they run.
  package let steps: [PlanStep]
  /// One per weight layer that a matrix kernel runs.
  package let layers: [PlannedLayer]
  /// Threads that share the larger steps of a run.
  package let threads: Int
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
    var bound = graph
    bound.inputs = options.bound(graph.inputs)
    var base = try TypedGraph(planning: bound, keep: options.keep, registry: registry)
    if options.fuses { base = try base.applying(.fusion, registry: registry) }
    var lowering = Lowering(base, registry: registry, table: KernelTable.for(level), options: options)
    let places = try lowering.lower()
    inputs = try base.graph.inputs.map { ($0.name, try lowering.type(of: $0.name)) }
    outputs = try base.graph.outputs.map { ($0.name, try lowering.type(of: $0.name)) }
    threads = max(1, options.threads)
    let program =
      options.fuses
      ? BatchTiling(lowering.program, pinned: Set(places.values)).program : lowering.program
    assembly = try PlanAssembly(program, pinned: places, threads: threads, limit: options.memoryLimit)
    arenaBytes = assembly.arenaBytes
    layers = program.layers
    steps = program.steps.flatMap(\.shown)
  }

  /// The type of an output or of a value that was to be kept.
  package func type(of name: String) -> TensorType? { assembly.readable[name]?.type }

  /// Memory and threads for runs of this plan, one at a time, to be used again and again.
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

  /// Runs on the inputs set in the context. Allocates nothing and takes no lock; the result does not depend on the
  /// number of threads.
  package func run(in context: ExecutionContext) throws {
    try context.checkReady(for: self)
    for index in assembly.steps.indices { try context.run(assembly.steps[index]) }
  }

  /// Runs and writes the nanoseconds each step took, one place per step.
  package func runTimed(
    in context: ExecutionContext, stepNanoseconds: UnsafeMutableBufferPointer<UInt64>
  ) throws {
    try context.checkReady(for: self)
    guard stepNanoseconds.count == steps.count else {
      throw ExecutionError.timingBuffer(expected: steps.count, found: stepNanoseconds.count)
    }
    for index in assembly.steps.indices {
      let step = assembly.steps[index]
      let times = UnsafeMutableBufferPointer(rebasing: stepNanoseconds[step.times])
      if let region = step.region, step.parts.count == 1 {
        times.initialize(repeating: 0)
        try region.run(
          context.memory.arguments(part: step.parts.lowerBound), tiles: 0..<region.tiles, times: times)
      } else {
        let before = MonotonicTime.nanoseconds
        try context.run(step)
        // Threads inside a region do not keep step with each other: each of its steps is given the same share.
        let each = (MonotonicTime.nanoseconds &- before) / UInt64(max(1, times.count))
        times.initialize(repeating: each)
      }
    }
  }
}
