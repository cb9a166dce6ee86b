import Operators
import TensorCore

/// Finds runs of steps over the samples of a batch whose values do not fit a second-level cache together, and makes
/// each run one step that takes a few samples at a time.
struct BatchTiling {
  private(set) var program: Program
  private let pinned: Set<Program.ValueID>

  /// Bytes that the values of one tile may take: half of a second-level cache, the other half being for weights.
  static let tileBytes = 256 << 10

  init(_ program: Program, pinned: Set<Program.ValueID>) {
    self.program = program
    self.pinned = Set(pinned.map { program.root($0) })
    var steps: [Program.Step] = []
    var index = 0
    while index < program.steps.count {
      if let (region, count) = region(from: index) {
        steps.append(region)
        index += count
      } else {
        steps.append(program.steps[index])
        index += 1
      }
    }
    self.program.steps = steps
  }

  private func samples(_ index: Int) -> Slicing? {
    guard program.steps[index].fewestSamples != nil else { return nil }
    return program.steps[index].slicings.first(where: \.isSamples)
  }

  /// The longest region from step `index` on; nil where none is worth while.
  private func region(from index: Int) -> (step: Program.Step, steps: Int)? {
    guard let first = samples(index), first.count > 1 else { return nil }
    var end = index
    var tile = 0
    var bytes = 0
    while end < program.steps.count, let slicing = samples(end), slicing.count == first.count,
      readsAlike(end, slicing, since: index)
    {
      let wider = index..<end + 1
      guard let found = tileSize(wider, of: first.count) else { break }
      tile = found
      bytes += program.steps[end].outputs.compactMap { $0 }.reduce(0) {
        $0 + program.values[$1].type.byteCount
      }
      end += 1
    }
    // A single step gains nothing, nor does what fits the cache whole.
    guard end - index > 1, tile < first.count, bytes > BatchTiling.tileBytes else { return nil }
    guard let step = try? make(index..<end, samples: first.count, tile: tile) else { return nil }
    return (step, end - index)
  }

  /// Whether what step `index` reads from steps since `first` it reads sample by sample.
  private func readsAlike(_ index: Int, _ slicing: Slicing, since first: Int) -> Bool {
    let written = Set(program.steps[first..<index].flatMap { $0.outputs.compactMap { $0.map(program.root) } })
    return zip(program.steps[index].inputs, slicing.inputStrides).allSatisfy { id, stride in
      guard let id, written.contains(program.root(id)) else { return true }
      return stride * slicing.count == program.values[program.root(id)].type.byteCount
    }
  }

  /// The most samples that stay in the cache from step to step; nil where a step wants more than that.
  private func tileSize(_ steps: Range<Int>, of count: Int) -> Int? {
    // Neighbouring steps share a value: the largest sum of what one step reads and writes.
    let perSample =
      steps.map { index -> Int in
        guard let slicing = samples(index) else { return 0 }
        return slicing.inputStrides.reduce(0, +) + slicing.outputStrides.reduce(0, +)
      }.max() ?? 0
    let fewest = steps.compactMap { program.steps[$0].fewestSamples }.max() ?? 1
    let most = max(1, BatchTiling.tileBytes / max(1, perSample))
    return (1...max(1, min(most, count))).last { count % $0 == 0 && $0 >= fewest }
  }

  private func make(_ range: Range<Int>, samples count: Int, tile: Int) throws -> Program.Step {
    let steps = program.steps[range]
    var written: [Program.ValueID: (first: Int, last: Int, stride: Int)] = [:]
    for (place, index) in range.enumerated() {
      guard let slicing = samples(index) else { continue }
      for (id, stride) in zip(program.steps[index].outputs, slicing.outputStrides) {
        if let id { written[program.root(id)] = (place, place, stride) }
      }
      for id in program.steps[index].inputs.compactMap({ $0 }) { written[program.root(id)]?.last = place }
    }
    var kept = pinned
    for (index, step) in program.steps.enumerated() where !range.contains(index) {
      kept.formUnion(step.inputs.compactMap { $0.map(program.root) })
    }
    let inside = written.keys.filter { !kept.contains($0) }.sorted()
    let lifetimes = inside.map { id in
      Lifetime(
        bytes: (written[id]?.stride ?? 0) * tile, first: written[id]?.first ?? 0, last: written[id]?.last ?? 0
      )
    }
    let planner = try MemoryPlanner(lifetimes, limit: Int.max / 4)
    let offsets = Dictionary(uniqueKeysWithValues: zip(inside, planner.offsets))

    var inputs: [Program.ValueID] = []
    var outputs: [Program.ValueID] = []
    func place(
      _ id: Program.ValueID?, _ stride: Int, in list: inout [Program.ValueID]
    ) -> TiledRegion.Place {
      guard let id else { return .none }
      let root = program.root(id)
      if let offset = offsets[root] { return .inside(offset: offset) }
      if !list.contains(root) { list.append(root) }
      return .outside(argument: list.firstIndex(of: root) ?? 0, stride: stride * tile)
    }
    var inner: [TiledRegion.Step] = []
    for index in range {
      guard let slicing = samples(index) else { continue }
      let step = program.steps[index]
      inner.append(
        TiledRegion.Step(
          body: try slicing.make(0..<tile),
          inputs: zip(step.inputs, slicing.inputStrides).map { place($0, $1, in: &inputs) },
          outputs: zip(step.outputs, slicing.outputStrides).map { place($0, $1, in: &outputs) }))
    }
    let region = TiledRegion(tiles: count / tile, steps: inner, valueBytes: planner.byteCount)
    return Program.Step(
      region, showing: steps.flatMap(\.shown), inputs: inputs, outputs: outputs,
      nanoseconds: steps.reduce(0) { $0 + $1.nanoseconds })
  }
}
