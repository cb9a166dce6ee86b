import Operators

/// A run of steps that treat each sample of a batch alone, carried out for a few samples at a time, so that what one
/// step hands to the next stays in a second-level cache, in memory that every tile uses again.
final class TiledRegion: Sendable {
  /// Where an argument of a step inside lies.
  enum Place: Sendable {
    /// In memory of the region's own.
    case inside(offset: Int)
    /// An input of the region's (or output, for outputs), moved by `stride` bytes from tile to tile.
    case outside(argument: Int, stride: Int)
    case none
  }

  struct Step: Sendable {
    let body: OperatorBody
    let inputs: [Place]
    let outputs: [Place]
  }

  let tiles: Int
  private let steps: [Step]
  /// Bytes of the values inside, a multiple of 64.
  private let valueBytes: Int
  private let mostInputs: Int
  private let mostOutputs: Int

  init(tiles: Int, steps: [Step], valueBytes: Int) {
    self.tiles = tiles
    self.steps = steps
    self.valueBytes = (valueBytes + 63) / 64 * 64
    mostInputs = steps.map(\.inputs.count).max() ?? 0
    mostOutputs = steps.map(\.outputs.count).max() ?? 0
  }

  private var pointerBytes: Int {
    ((mostInputs + mostOutputs + 2) * MemoryLayout<UnsafeRawPointer?>.stride + 63) / 64 * 64
  }

  /// Runs `tiles`, one after the other.
  func body(_ tiles: Range<Int>) -> OperatorBody {
    // A vector's room behind the values, since some kernels read whole vectors at the end of one.
    let scratch = pointerBytes + valueBytes + 64 + (steps.map(\.body.scratchBytes).max() ?? 0)
    return OperatorBody(scratchBytes: scratch) { [self] arguments in
      try run(arguments, tiles: tiles, times: nil)
    }
  }

  /// - Parameter times: one place per step inside, to which the nanoseconds it took are added.
  func run(
    _ arguments: OperatorArguments, tiles: Range<Int>, times: UnsafeMutableBufferPointer<UInt64>?
  ) throws {
    guard let scratch = arguments.scratch else { return }
    let inputs = scratch.bindMemory(to: UnsafeRawPointer?.self, capacity: mostInputs + 1)
    let outputs = (scratch + (mostInputs + 1) * MemoryLayout<UnsafeRawPointer?>.stride)
      .bindMemory(to: UnsafeMutableRawPointer?.self, capacity: mostOutputs + 1)
    let values = scratch + pointerBytes
    let inner = OperatorArguments(
      inputs: UnsafePointer(inputs), outputs: UnsafePointer(outputs), scratch: values + valueBytes + 64)
    var before = times == nil ? 0 : MonotonicTime.nanoseconds
    for tile in tiles {
      for index in steps.indices {
        for (place, argument) in steps[index].inputs.enumerated() {
          switch argument {
          case .inside(let offset): inputs[place] = UnsafeRawPointer(values + offset)
          case .outside(let source, let stride):
            inputs[place] = arguments.inputs[source].map { $0 + tile * stride }
          case .none: inputs[place] = nil
          }
        }
        for (place, argument) in steps[index].outputs.enumerated() {
          switch argument {
          case .inside(let offset): outputs[place] = values + offset
          case .outside(let source, let stride):
            outputs[place] = arguments.outputs[source].map { $0 + tile * stride }
          case .none: outputs[place] = nil
          }
        }
        try steps[index].body.run(inner)
        if let times {
          let after = MonotonicTime.nanoseconds
          times[index] += after &- before
          before = after
        }
      }
    }
  }
}
