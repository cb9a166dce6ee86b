import Glibc
import GraphIR
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
  let functions: [GateFunction]
  /// How many functions each direction has.
  let functionCount: Int

  var directions: Int { direction == .bidirectional ? 2 : 1 }

  init(_ site: OperatorSite, gates: Int, functions defaults: [String]) throws {
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
    functions = try GateFunction.list(site, defaults: defaults, directions: directions)
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

  func xOffset(_ step: Int, _ sample: Int) -> Int {
    (isBatchFirst ? sample * steps + step : step * batch + sample) * inputSize
  }

  func yOffset(_ step: Int, _ way: Int, _ sample: Int) -> Int {
    (isBatchFirst ? (sample * steps + step) * directions + way : (step * directions + way) * batch + sample)
      * hidden
  }

  func stateOffset(_ way: Int, _ sample: Int) -> Int {
    (isBatchFirst ? sample * directions + way : way * batch + sample) * hidden
  }

  func isReverse(_ way: Int) -> Bool { direction == .reverse || way == 1 }

  /// A direction's function number `index`.
  func function(_ way: Int, _ index: Int) -> GateFunction { functions[way * functionCount + index] }

  /// The clip, where there is one, before an activation.
  @inline(__always)
  func clipped(_ value: Float) -> Float {
    guard let clip else { return value }
    return min(max(value, -clip), clip)
  }
}

/// An activation of a recurrent gate.
struct GateFunction: Sendable {
  let apply: @Sendable (Float) -> Float

  /// One per function and direction, from the attributes `activations`, `activation_alpha` and `activation_beta`.
  static func list(_ site: OperatorSite, defaults: [String], directions: Int) throws -> [GateFunction] {
    var names = [String](repeatElement(defaults, count: directions).joined())
    if case .strings(let given)? = site.node.attributes["activations"] {
      guard given.count == names.count else {
        throw site.attributeError("activations", expected: "\(names.count) names", found: "\(given.count)")
      }
      names = given
    }
    var alphas = (try site.floats("activation_alpha") ?? []).makeIterator()
    var betas = (try site.floats("activation_beta") ?? []).makeIterator()
    return try names.map { name in
      let known = try make(name, site)
      let alpha = known.alpha.map { alphas.next() ?? $0 } ?? 0
      let beta = known.beta.map { betas.next() ?? $0 } ?? 0
      return GateFunction { known.apply($0, alpha, beta) }
    }
  }

  private struct Known: Sendable {
    var alpha: Float?
    var beta: Float?
    let apply: @Sendable (_ x: Float, _ alpha: Float, _ beta: Float) -> Float
  }

  private static func make(_ name: String, _ site: OperatorSite) throws -> Known {
    switch name.lowercased() {
    case "relu": Known { x, _, _ in max(x, 0) }
    case "tanh": Known { x, _, _ in tanhf(x) }
    case "sigmoid": Known { x, _, _ in Float(logistic(Double(x))) }
    case "affine": Known(alpha: 1, beta: 0) { x, alpha, beta in alpha * x + beta }
    case "leakyrelu": Known(alpha: 0.01) { x, alpha, _ in x < 0 ? alpha * x : x }
    case "thresholdedrelu": Known(alpha: 1) { x, alpha, _ in x > alpha ? x : 0 }
    case "scaledtanh": Known(alpha: 1, beta: 1) { x, alpha, beta in alpha * tanhf(beta * x) }
    case "hardsigmoid":
      Known(alpha: 0.2, beta: 0.5) { x, alpha, beta in min(max(alpha * x + beta, 0), 1) }
    case "elu": Known(alpha: 1) { x, alpha, _ in x < 0 ? alpha * expm1f(x) : x }
    case "softsign": Known { x, _, _ in x / (1 + Swift.abs(x)) }
    case "softplus": Known { x, _, _ in x > 0 ? x + log1pf(expf(-x)) : log1pf(expf(x)) }
    default: throw site.attributeError("activations", expected: "known functions", found: "\"\(name)\"")
    }
  }
}
