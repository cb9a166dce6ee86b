/// Lifetimes of a program's values and their places in the arena.
struct ValueMemory {
  /// The program with outputs that took over an input's bytes turned into aliases.
  let program: Program
  /// Lifetimes of the values that own memory, by value.
  let lifetimes: [Program.ValueID: Lifetime]
  /// Byte offsets of the same values.
  let offsets: [Program.ValueID: Int]
  let byteCount: Int

  init(_ program: Program, pinned: Set<Program.ValueID>, limit: Int) throws(ExecutionError) {
    var program = program
    var first: [Program.ValueID: Int] = [:]
    var last: [Program.ValueID: Int] = [:]
    for (index, step) in program.steps.enumerated() {
      for output in step.outputs.compactMap({ $0 }) {
        first[program.root(output)] = min(first[program.root(output)] ?? index, index)
        last[program.root(output)] = index
      }
      for input in step.inputs.compactMap({ $0 }) { last[program.root(input)] = index }
    }
    for id in pinned { last[program.root(id)] = program.steps.count }

    for (index, step) in program.steps.enumerated() {
      guard let output = step.outputs.first ?? nil, case .arena = program.values[output].home else {
        continue
      }
      for operand in step.overwrites {
        guard let input = step.inputs[operand] else { continue }
        let root = program.root(input)
        guard case .arena = program.values[root].home, last[root] == index,
          program.values[root].type.byteCount == program.values[output].type.byteCount
        else { continue }
        program.values[output] = Program.Value(
          name: program.values[output].name, type: program.values[output].type, home: .alias(root))
        last[root] = last[output]
        first[output] = nil
        break
      }
    }

    let owners = first.keys.sorted()
    let spans = owners.map {
      Lifetime(bytes: program.values[$0].type.byteCount, first: first[$0] ?? 0, last: last[$0] ?? 0)
    }
    let planner = try MemoryPlanner(spans, limit: limit)
    self.program = program
    lifetimes = Dictionary(uniqueKeysWithValues: zip(owners, spans))
    offsets = Dictionary(uniqueKeysWithValues: zip(owners, planner.offsets))
    byteCount = planner.byteCount
  }
}
