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

  /// What one thread runs at a time.
  struct Part: Sendable {
    let body: OperatorBody
    /// Position of its first argument among all parts' inputs and outputs.
    let firstInput: Int
    let firstOutput: Int
    /// Where its scratch memory starts in the arena.
    let scratch: Int
  }

  struct Step: Sendable {
    /// Its place among all parts.
    let parts: Range<Int>
    /// Which of the times that `runTimed` writes are its own.
    let times: Range<Int>
    let region: TiledRegion?
  }

  /// A value, and how many bytes into it a part starts.
  struct Argument: Sendable {
    let place: Place?
    let shift: Int
  }

  let steps: [Step]
  let parts: [Part]
  let inputPlaces: [Argument]
  let outputPlaces: [Argument]
  /// Values that can be read after a run.
  let readable: [String: (place: Place, type: TensorType)]
  let arenaBytes: Int
  let regions: [MemoryRegion]

  /// - Parameter pinned: values to hold until the next run.
  /// - Parameter threads: steps are cut for so many.
  init(_ program: Program, pinned: [String: Program.ValueID], threads: Int, limit: Int) throws {
    let memory = try ValueMemory(program, pinned: Set(pinned.values), limit: limit)
    let program = memory.program
    let pieces = try program.steps.map { try $0.parts(threads: threads) }
    let scratch = try PlanAssembly.scratch(pieces, after: memory.byteCount, limit: limit)
    let total = scratch.end
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
    var parts: [Part] = []
    var inputs: [Argument] = []
    var outputs: [Argument] = []
    var times = 0
    for (step, pieces) in zip(program.steps, pieces) {
      let first = parts.count
      for (index, piece) in pieces.enumerated() {
        parts.append(
          Part(
            body: piece.body, firstInput: inputs.count, firstOutput: outputs.count,
            scratch: scratch.offsets[index]))
        inputs += zip(step.inputs, piece.inputShifts).map { Argument(place: $0.map(place), shift: $1) }
        outputs += zip(step.outputs, piece.outputShifts).map { Argument(place: $0.map(place), shift: $1) }
      }
      steps.append(
        Step(parts: first..<parts.count, times: times..<times + step.shown.count, region: step.region))
      times += step.shown.count
    }
    self.steps = steps
    self.parts = parts
    inputPlaces = inputs
    outputPlaces = outputs
    readable = pinned.mapValues { (place($0), program.values[$0].type) }
  }

  /// Scratch memory for parts that run at the same time: where the first parts' starts, the second's, and so on.
  private static func scratch(
    _ pieces: [[StepPart]], after start: Int, limit: Int
  ) throws(ExecutionError) -> (offsets: [Int], end: Int) {
    var offsets: [Int] = []
    var end = start
    for index in 0..<(pieces.map(\.count).max() ?? 0) {
      offsets.append(end)
      let most = pieces.map { index < $0.count ? $0[index].body.scratchBytes : 0 }.max() ?? 0
      let (total, overflow) = end.addingReportingOverflow(most)
      guard !overflow, total <= limit - 63 else {
        throw .tooMuchMemory(bytes: overflow ? Int.max : total, limit: limit)
      }
      end = (total + 63) / 64 * 64
    }
    return (offsets, end)
  }
}

/// Where a value lies in the arena, and during which steps.
package struct MemoryRegion: Sendable, Hashable {
  package let name: String
  package let offset: Int
  package let lifetime: Lifetime
}
