import GraphIR
import Kernels
import TensorCore

/// The sizes and settings that RNN, GRU and LSTM share.
struct RecurrentPlan: Sendable {
  enum Direction: String, Sendable { case forward, reverse, bidirectional }

  let steps: Int
  let batch: Int
  let inputSize: Int
  let hidden: Int
  let gates: Int
  let direction: Direction
  /// Whether the batch is the outermost axis (`layout` 1) instead of the sequence.
  let isBatchFirst: Bool
  let clip: Float?
  private let functions: [RecurrentGate]
  /// How many functions each direction has.
  private let functionCount: Int

  var directions: Int { direction == .bidirectional ? 2 : 1 }

  init(_ site: OperatorSite, gates: Int, functions defaults: [RecurrentGate.Function]) throws {
    self.gates = gates
    let (x, w, r) = (try site.input(0).shape, try site.input(1).shape, try site.input(2).shape)
    isBatchFirst = try site.flag("layout")
    guard x.rank == 3 else { throw site.inputError(0, expected: "of rank 3") }
    (steps, batch) = isBatchFirst ? (x[1], x[0]) : (x[0], x[1])
    inputSize = x[2]
    direction =
      Direction(
        rawValue: try site.string(
          "direction", default: "forward", choices: ["forward", "reverse", "bidirectional"])) ?? .forward
    let directions = direction == .bidirectional ? 2 : 1
    guard r.rank == 3, r[0] == directions, (1...OperatorSite.magnitudeLimit).contains(r[2]),
      r[1] == gates * r[2]
    else {
      throw site.inputError(2, expected: "of shape [\(directions), \(gates) * hidden, hidden]")
    }
    hidden = r[2]
    if let given = try site.int("hidden_size"), given != hidden {
      throw site.attributeError("hidden_size", expected: "\(hidden), as the weights have", found: "\(given)")
    }
    guard w.dimensions == [directions, gates * hidden, inputSize] else {
      throw site.inputError(1, expected: "of shape [\(directions), \(gates * hidden), \(inputSize)]")
    }
    if let bias = site.optionalInput(3), bias.shape.dimensions != [directions, 2 * gates * hidden] {
      throw site.inputError(3, expected: "of shape [\(directions), \(2 * gates * hidden)]")
    }
    if let lengths = site.optionalInput(4) {
      guard lengths.dataType == .int32, lengths.shape.dimensions == [batch] else {
        throw site.inputError(4, expected: "int32[\(batch)]")
      }
    }
    let clip = try site.float("clip", default: 0)
    self.clip = clip > 0 ? clip : nil
    functionCount = defaults.count
    functions = try RecurrentGate.list(site, defaults: defaults, directions: directions)
  }

  /// - Throws: where an initial state has another shape.
  func checkState(_ site: OperatorSite, _ index: Int) throws {
    guard let state = site.optionalInput(index) else { return }
    let expected = isBatchFirst ? [batch, directions, hidden] : [directions, batch, hidden]
    guard state.shape.dimensions == expected else {
      throw site.inputError(index, expected: "of shape \(expected)")
    }
  }

  /// The types of all states, and of the last one.
  func outputTypes(_ site: OperatorSite, _ type: DataType) throws -> (all: TensorType, last: TensorType) {
    isBatchFirst
      ? (
        TensorType(type, try site.shape([batch, steps, directions, hidden])),
        TensorType(type, try site.shape([batch, directions, hidden]))
      )
      : (
        TensorType(type, try site.shape([steps, directions, batch, hidden])),
        TensorType(type, try site.shape([directions, batch, hidden]))
      )
  }

  /// The place of a step of a sample among the rows of the input.
  func row(_ step: Int, _ sample: Int) -> Int {
    isBatchFirst ? sample * steps + step : step * batch + sample
  }

  /// Inputs from one sample's to the next of the same step, counted in samples.
  var sampleStride: Int { isBatchFirst ? steps : 1 }

  /// Floats of the outputs from one sample's to the next of the same step.
  var ySampleStride: Int { isBatchFirst ? steps * directions * hidden : hidden }

  func yOffset(_ step: Int, _ way: Int, _ sample: Int) -> Int {
    (isBatchFirst ? (sample * steps + step) * directions + way : (step * directions + way) * batch + sample)
      * hidden
  }

  func stateOffset(_ way: Int, _ sample: Int) -> Int {
    (isBatchFirst ? sample * directions + way : way * batch + sample) * hidden
  }

  func isReverse(_ way: Int) -> Bool { direction == .reverse || way == 1 }

  /// A direction's function number `index`; the last one where there are fewer.
  func function(_ way: Int, _ index: Int) -> RecurrentGate {
    functions[way * functionCount + min(index, functionCount - 1)]
  }
}
