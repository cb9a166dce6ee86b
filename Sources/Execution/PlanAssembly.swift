import GraphIR
import Operators
import TensorCore

/// A program with its memory assigned: for every step where its arguments lie, ready for a context to fill in addresses.
struct PlanAssembly: Sendable {
  /// Where a value's bytes are.
  enum Place: Sendable {
    case arena(offset: Int)
    case input(Int)
    case constant(Tensor)
  }

  struct Step: Sendable {
    let body: OperatorBody
    /// Position of its first argument among all steps' inputs and outputs.
    let firstInput: Int
    let firstOutput: Int
  }

  let steps: [Step]
  let inputPlaces: [Place?]
  let outputPlaces: [Place?]
  /// Values that can be read after a run.
  let readable: [String: (place: Place, type: TensorType)]
  let scratchOffset: Int
  let arenaBytes: Int
  let regions: [MemoryRegion]

  /// - Parameter pinned: values to hold until the next run.
  init(_ program: Program, pinned: [String: Program.ValueID], limit: Int) throws(ExecutionError) {
    let memory = try ValueMemory(program, pinned: Set(pinned.values), limit: limit)
    let program = memory.program
    let scratch = program.steps.map(\.body.scratchBytes).max() ?? 0
    scratchOffset = memory.byteCount
    let (total, overflow) = scratchOffset.addingReportingOverflow(scratch)
    guard !overflow, total <= limit else {
      throw .tooMuchMemory(bytes: overflow ? Int.max : total, limit: limit)
    }
    arenaBytes = total
    regions = memory.lifetimes.map { id, lifetime in
      MemoryRegion(name: program.values[id].name, offset: memory.offsets[id] ?? 0, lifetime: lifetime)
    }.sorted { ($0.offset, $0.lifetime.first) < ($1.offset, $1.lifetime.first) }

    func place(_ id: Program.ValueID) -> Place {
      let root = program.root(id)
      switch program.values[root].home {
      case .input(let index): return .input(index)
      case .constant(let tensor): return .constant(tensor)
      case .arena, .alias: return .arena(offset: memory.offsets[root] ?? 0)
      }
    }
    var steps: [Step] = []
    var inputs: [Place?] = []
    var outputs: [Place?] = []
    for step in program.steps {
      steps.append(Step(body: step.body, firstInput: inputs.count, firstOutput: outputs.count))
      inputs += step.inputs.map { $0.map(place) }
      outputs += step.outputs.map { $0.map(place) }
    }
    self.steps = steps
    inputPlaces = inputs
    outputPlaces = outputs
    readable = pinned.mapValues { (place($0), program.values[$0].type) }
  }
}

/// Where a value lies in the arena, and during which steps.
package struct MemoryRegion: Sendable, Hashable {
  package let name: String
  package let offset: Int
  package let lifetime: Lifetime
}
