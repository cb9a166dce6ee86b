import Kernels
import TensorCore

/// A recurrent operator made ready: sums with the input of all steps in one product per direction, then step by step.
///
/// Weights that are known are packed once. A step writes its states where they are wanted, and the next one reads them
/// there.
struct RecurrentRun: Sendable {
  private let plan: RecurrentPlan
  private let cells: [RecurrentCell]
  /// One per direction where weights are known.
  private let weights: [RecurrentWeights]
  private let product: DynamicProduct
  private let inputs: [Bool]
  private let wanted: Int

  private var layout: RecurrentLayout { cells[0].layout }
  private var rows: Int { plan.steps * plan.batch }

  /// - Parameter cells: one per direction.
  init(_ site: OperatorSite, plan: RecurrentPlan, cells: [RecurrentCell], outputs: Int, table: KernelTable) {
    self.plan = plan
    self.cells = cells
    inputs = site.inputs.map { $0 != nil }
    wanted = outputs
    product = DynamicProduct(table: table)
    let given = [1, 2, 3, 7].filter { site.optionalInput($0) != nil }
    let known = given.compactMap { index in site.knownConstant(index).map { (index, $0) } }
    guard known.count == given.count else {
      weights = []
      return
    }
    let tensors = Dictionary(uniqueKeysWithValues: known)
    weights = (0..<plan.directions).map { way in
      RecurrentWeights(cells[0].layout, table: table) { memory in
        withExtendedLifetime(tensors) {
          Self.pack(cells[0].layout, way, into: memory) {
            tensors[$0]?.bytes.baseAddress?.assumingMemoryBound(to: Float.self)
          }
        }
      }
    }
  }

  /// Packs direction `way` of the inputs that `find` has.
  private static func pack(
    _ layout: RecurrentLayout, _ way: Int, into memory: UnsafeMutablePointer<Float>,
    _ find: (Int) -> UnsafePointer<Float>?
  ) {
    let rows = layout.gates * layout.units
    guard let w = find(1), let r = find(2) else { return }
    layout.pack(
      w: w + way * rows * layout.inputs, r: r + way * rows * layout.units,
      b: find(3).map { $0 + way * 2 * rows },
      p: find(7).map { $0 + way * 3 * layout.units }, into: memory)
  }

  // MARK: Scratch memory

  private var sumBytes: Int { aligned(rows * layout.sums * 4) }
  private var stateBytes: Int { aligned(plan.batch * layout.paddedUnits * 4) }
  private var packedBytes: Int { weights.isEmpty ? aligned(layout.count * 4) : 0 }
  private var productBytes: Int {
    weights.first?.scratchBytes(rows: rows)
      ?? product.scratchBytes(m: rows, n: layout.sums, k: layout.inputs)
  }
  /// Sums, two states, memory, what is reset, weights that are not known before, and what products need.
  var scratchBytes: Int { sumBytes + 4 * stateBytes + packedBytes + aligned(productBytes) }

  // MARK: Running

  func run(_ arguments: OperatorArguments) {
    for way in 0..<plan.directions { run(arguments, way) }
  }

  private func has(_ index: Int) -> Bool { inputs.indices.contains(index) && inputs[index] }

  /// What a direction's steps read, and where they keep states; states lie `paddedUnits` floats apart.
  private struct Memory {
    let weights: UnsafePointer<Float>
    let sums: UnsafeMutablePointer<Float>
    let first: UnsafeMutablePointer<Float>
    let second: UnsafeMutablePointer<Float>
    let memory: UnsafeMutablePointer<Float>
    let reset: UnsafeMutablePointer<Float>
  }

  private func run(_ arguments: OperatorArguments, _ way: Int) {
    func place(_ index: Int) -> UnsafeMutablePointer<Float> {
      arguments.scratch(at: sumBytes + index * stateBytes, as: Float.self)
    }
    let memory = Memory(
      weights: sums(arguments, way, packed: place(4)), sums: arguments.scratch(as: Float.self),
      first: place(0), second: place(1), memory: place(2), reset: place(3))
    let lengths = has(4) ? arguments.input(4, as: Int32.self) : nil
    guard let lengths, (0..<plan.batch).contains(where: { lengths[$0] < plan.steps }) else {
      return sequence(arguments, way, 0..<plan.batch, length: plan.steps, memory)
    }
    // Reverse sequences of unlike lengths each begin at their own end.
    for sample in 0..<plan.batch {
      let length = min(max(Int(lengths[sample]), 0), plan.steps)
      sequence(arguments, way, sample..<sample + 1, length: length, memory)
    }
  }

  /// Makes the sums with the input of all steps; returns the weights as steps read them.
  private func sums(_ arguments: OperatorArguments, _ way: Int, packed: UnsafeMutablePointer<Float>)
    -> UnsafePointer<Float>
  {
    let layout = layout
    let (x, sums) = (arguments.input(0, as: Float.self), arguments.scratch(as: Float.self))
    let rest = UnsafeMutableRawPointer(packed) + packedBytes
    if !weights.isEmpty {
      weights[way].sums(rows: rows, x: x, into: sums, scratch: rest)
      return weights[way].start
    }
    Self.pack(layout, way, into: packed) { has($0) ? arguments.input($0, as: Float.self) : nil }
    let start = UnsafePointer(packed)
    product.multiply(
      m: rows, n: layout.sums, k: layout.inputs, a: x, lda: layout.inputs, b: start + layout.inputWeights,
      ldb: layout.inputs, transposed: true, c: sums, ldc: layout.sums,
      epilogue: Epilogue(bias: start + layout.bias), scratch: rest)
    return start
  }

  /// All steps of some samples of one length.
  private func sequence(
    _ arguments: OperatorArguments, _ way: Int, _ samples: Range<Int>, length: Int, _ at: Memory
  ) {
    let (cell, first, stride) = (cells[way], samples.lowerBound, layout.paddedUnits)
    for sample in samples {
      start(at.first + sample * stride, arguments, 5, way, sample)
      start(at.memory + sample * stride, arguments, 6, way, sample)
    }
    let all = arguments.output(0, as: Float.self)
    let memory = (start: at.memory + first * stride, row: stride)
    let reset = (start: at.reset + first * stride, row: stride)
    var h = (start: at.first + first * stride, row: stride)
    for turn in 0..<length {
      let step = plan.isReverse(way) ? length - 1 - turn : turn
      let out =
        all.map { (start: $0 + plan.yOffset(step, way, first), row: plan.ySampleStride) }
        ?? (start: (turn % 2 == 0 ? at.second : at.first) + first * stride, row: stride)
      let x = (start: at.sums + plan.row(step, first) * layout.sums, row: plan.sampleStride * layout.sums)
      cell.step(
        samples: samples.count, weights: at.weights,
        RecurrentCell.Rows(x: x, h: h, out: out, memory: memory, reset: reset))
      h = out
    }
    for sample in samples {
      if let all {
        for step in length..<plan.steps {
          (all + plan.yOffset(step, way, sample)).update(repeating: 0, count: plan.hidden)
        }
      }
      let place = sample - first
      finish(arguments, 1, way, sample, h.start + place * h.row)
      finish(arguments, 2, way, sample, memory.start + place * memory.row)
    }
  }

  /// A sample's state or memory at the start: that of an input, or zeros.
  private func start(
    _ state: UnsafeMutablePointer<Float>, _ arguments: OperatorArguments, _ index: Int, _ way: Int,
    _ sample: Int
  ) {
    state.update(repeating: 0, count: layout.paddedUnits)
    guard has(index) else { return }
    state.update(
      from: arguments.input(index, as: Float.self) + plan.stateOffset(way, sample), count: plan.hidden)
  }

  /// A sample's state or memory at the end, where it is wanted.
  private func finish(
    _ arguments: OperatorArguments, _ index: Int, _ way: Int, _ sample: Int, _ state: UnsafePointer<Float>
  ) {
    guard index < wanted, let output = arguments.output(index, as: Float.self) else { return }
    (output + plan.stateOffset(way, sample)).update(from: state, count: plan.hidden)
  }
}
