import GraphIR
import Kernels
import TensorCore

/// RNN, GRU and LSTM over sequences, forward, reverse or both ways, with optional initial states, lengths per sample and
/// (LSTM) peepholes.
///
/// Products with the input of all steps are made in one multiplication per direction, those with the state in one per step.
/// Places beyond a sample's length are zero in the output (Hochreiter and Schmidhuber 1997,
/// doi:10.1162/neco.1997.9.8.1735; Cho et al. 2014, arXiv:1406.1078).
struct RecurrentOperator: Operator {
  let kinds: [OperatorKind] = ["RNN", "GRU", "LSTM"]

  func traits(of kind: OperatorKind) -> OperatorTraits { .structured(.recurrent) }

  private static func plan(_ site: OperatorSite) throws -> RecurrentPlan {
    switch site.kind.type {
    case "LSTM": try RecurrentPlan(site, gates: 4, functions: ["Sigmoid", "Tanh", "Tanh"])
    case "GRU": try RecurrentPlan(site, gates: 3, functions: ["Sigmoid", "Tanh"])
    default: try RecurrentPlan(site, gates: 1, functions: ["Tanh"])
    }
  }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let type = try site.input(0, of: [.float32] + DataType.halves).dataType
    for index in [1, 2, 3, 5, 6, 7] where site.optionalInput(index) != nil {
      try site.input(index, of: [type])
    }
    let plan = try Self.plan(site)
    try plan.checkState(site, 5)
    if site.kind.type == "LSTM" {
      try plan.checkState(site, 6)
      if let peepholes = site.optionalInput(7),
        peepholes.shape.dimensions != [plan.directions, 3 * plan.hidden]
      {
        throw site.inputError(7, expected: "of shape [\(plan.directions), \(3 * plan.hidden)]")
      }
    }
    let (all, last) = try plan.outputTypes(site, type)
    return site.kind.type == "LSTM" ? [all, last, last] : [all, last]
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    let plan = try Self.plan(site)
    let run = Run(
      plan: plan, cell: site.kind.type, inputs: site.inputs.map { $0 != nil }, wanted: outputs.count,
      isLinearFirst: try site.flag("linear_before_reset"), couplesForget: try site.flag("input_forget"),
      table: table.vector)
    _ = try site.shape([plan.steps, plan.batch, plan.gates * plan.hidden])
    return OperatorBody(scratchBytes: run.scratchBytes) { run.run($0) }
  }

  private struct Run: Sendable {
    let plan: RecurrentPlan
    let cell: String
    let inputs: [Bool]
    let wanted: Int
    let isLinearFirst: Bool
    let couplesForget: Bool
    let table: VectorTable

    private var rows: Int { plan.gates * plan.hidden }
    private var gatherBytes: Int { aligned(plan.steps * plan.batch * plan.inputSize * 4) }
    private var projectedBytes: Int { aligned(plan.steps * plan.batch * rows * 4) }
    private var weightBytes: Int { aligned(rows * max(plan.inputSize, plan.hidden) * 4) }
    private var gateBytes: Int { aligned(plan.batch * rows * 4) }
    private var stateBytes: Int { aligned(plan.batch * plan.hidden * 4) }
    var scratchBytes: Int { gatherBytes + projectedBytes + 2 * weightBytes + gateBytes + 4 * stateBytes }

    private func has(_ index: Int) -> Bool { inputs.indices.contains(index) && inputs[index] }

    func run(_ arguments: OperatorArguments) {
      for way in 0..<plan.directions { run(arguments, way) }
    }

    private func run(_ arguments: OperatorArguments, _ way: Int) {
      let (batch, hidden, steps) = (plan.batch, plan.hidden, plan.steps)
      var offset = 0
      func take(_ bytes: Int) -> UnsafeMutablePointer<Float> {
        defer { offset += bytes }
        return arguments.scratch(at: offset)
      }
      let gathered = take(gatherBytes)
      let projected = take(projectedBytes)
      let weights = take(weightBytes)
      let recurrence = take(weightBytes)
      let gates = take(gateBytes)
      let h = take(stateBytes)
      let c = take(stateBytes)
      let reset = take(stateBytes)
      let candidate = take(stateBytes)
      let kernels = table.kernels.pointee

      // All inputs times W^T at once, rows by step and sample.
      let x = arguments.input(0, as: Float.self)
      for step in 0..<steps {
        for sample in 0..<batch {
          (gathered + (step * batch + sample) * plan.inputSize).update(
            from: x + plan.xOffset(step, sample), count: plan.inputSize)
        }
      }
      kernels.f32_transpose(
        1, rows, plan.inputSize, arguments.input(1, as: Float.self) + way * rows * plan.inputSize, weights)
      kernels.f32_matmul(
        steps * batch, rows, plan.inputSize, gathered, plan.inputSize, 1, weights, rows, projected, rows, 0)
      kernels.f32_transpose(
        1, rows, hidden, arguments.input(2, as: Float.self) + way * rows * hidden, recurrence)

      let bias = has(3) ? arguments.input(3, as: Float.self) + way * 2 * rows : nil
      for sample in 0..<batch {
        for (index, state) in [(5, h), (6, c)] {
          let target = state + sample * hidden
          if has(index) {
            target.update(
              from: arguments.input(index, as: Float.self) + plan.stateOffset(way, sample), count: hidden)
          } else {
            target.update(repeating: 0, count: hidden)
          }
        }
      }
      let lengths = has(4) ? arguments.input(4, as: Int32.self) : nil
      let all = arguments.output(0, as: Float.self)
      for turn in 0..<steps {
        // Reverse sequences of unlike lengths each begin at their own end.
        kernels.f32_matmul(batch, rows, hidden, h, hidden, 1, recurrence, rows, gates, rows, 0)
        if cell == "GRU" && !isLinearFirst {
          updateGates(turn, way, projected, gates, bias, lengths, reset, h)
          kernels.f32_matmul(
            batch, hidden, hidden, reset, hidden, 1, recurrence + 2 * hidden, rows, candidate, hidden, 0)
        }
        for sample in 0..<batch {
          let length = lengths.map { min(max(Int($0[sample]), 0), steps) } ?? steps
          guard turn < length else { continue }
          let step = plan.isReverse(way) ? length - 1 - turn : turn
          let from = projected + (step * batch + sample) * rows
          let gate = gates + sample * rows
          let (state, memory) = (h + sample * hidden, c + sample * hidden)
          switch cell {
          case "LSTM": long(from, gate, bias, way, state, memory, peepholes(arguments, way))
          case "GRU": gated(from, gate, bias, way, state, candidate + sample * hidden)
          default:
            for unit in 0..<hidden {
              let sum = from[unit] + gate[unit] + (bias?[unit] ?? 0) + (bias?[rows + unit] ?? 0)
              state[unit] = plan.function(way, 0).apply(plan.clipped(sum))
            }
          }
          if let all { (all + plan.yOffset(step, way, sample)).update(from: state, count: hidden) }
        }
        if let all { clear(all, turn, way, lengths) }
      }
      for (index, state) in [(1, h), (2, c)] where index < wanted {
        guard let output = arguments.output(index, as: Float.self) else { continue }
        for sample in 0..<batch {
          (output + plan.stateOffset(way, sample)).update(from: state + sample * hidden, count: hidden)
        }
      }
    }

    private func peepholes(_ arguments: OperatorArguments, _ way: Int) -> UnsafePointer<Float>? {
      has(7) ? arguments.input(7, as: Float.self) + way * 3 * plan.hidden : nil
    }

    /// Zeros where a sample has ended already.
    private func clear(
      _ all: UnsafeMutablePointer<Float>, _ turn: Int, _ way: Int, _ lengths: UnsafePointer<Int32>?
    ) {
      guard let lengths else { return }
      for sample in 0..<plan.batch where turn >= Int(lengths[sample]) {
        (all + plan.yOffset(turn, way, sample)).update(repeating: 0, count: plan.hidden)
      }
    }

    /// Gates in the order input, output, forget, cell.
    private func long(
      _ x: UnsafePointer<Float>, _ gate: UnsafeMutablePointer<Float>, _ bias: UnsafePointer<Float>?,
      _ way: Int, _ state: UnsafeMutablePointer<Float>, _ memory: UnsafeMutablePointer<Float>,
      _ peepholes: UnsafePointer<Float>?
    ) {
      let hidden = plan.hidden
      let (f, g, h) = (plan.function(way, 0), plan.function(way, 1), plan.function(way, 2))
      for unit in 0..<hidden {
        func sum(_ which: Int) -> Float {
          let at = which * hidden + unit
          return x[at] + gate[at] + (bias?[at] ?? 0) + (bias?[rows + at] ?? 0)
        }
        let input = f.apply(plan.clipped(sum(0) + (peepholes?[unit] ?? 0) * memory[unit]))
        let forget =
          couplesForget
          ? 1 - input : f.apply(plan.clipped(sum(2) + (peepholes?[2 * hidden + unit] ?? 0) * memory[unit]))
        memory[unit] = forget * memory[unit] + input * g.apply(plan.clipped(sum(3)))
        let output = f.apply(plan.clipped(sum(1) + (peepholes?[hidden + unit] ?? 0) * memory[unit]))
        state[unit] = output * h.apply(memory[unit])
      }
    }

    /// Update and reset gates first, since the candidate is made from the reset state: writes reset * h for every sample.
    private func updateGates(
      _ turn: Int, _ way: Int, _ projected: UnsafePointer<Float>, _ gates: UnsafeMutablePointer<Float>,
      _ bias: UnsafePointer<Float>?, _ lengths: UnsafePointer<Int32>?, _ reset: UnsafeMutablePointer<Float>,
      _ h: UnsafePointer<Float>
    ) {
      let hidden = plan.hidden
      for sample in 0..<plan.batch {
        let length = lengths.map { min(max(Int($0[sample]), 0), plan.steps) } ?? plan.steps
        guard turn < length else {
          (reset + sample * hidden).update(repeating: 0, count: hidden)
          continue
        }
        let step = plan.isReverse(way) ? length - 1 - turn : turn
        let from = projected + (step * plan.batch + sample) * rows
        for unit in 0..<hidden {
          let at = hidden + unit
          let sum = from[at] + gates[sample * rows + at] + (bias?[at] ?? 0) + (bias?[rows + at] ?? 0)
          reset[sample * hidden + unit] =
            plan.function(way, 0).apply(plan.clipped(sum)) * h[sample * hidden + unit]
        }
      }
    }

    /// Gates in the order update, reset, hidden.
    private func gated(
      _ x: UnsafePointer<Float>, _ gate: UnsafeMutablePointer<Float>, _ bias: UnsafePointer<Float>?,
      _ way: Int, _ state: UnsafeMutablePointer<Float>, _ candidate: UnsafePointer<Float>
    ) {
      let hidden = plan.hidden
      let (f, g) = (plan.function(way, 0), plan.function(way, 1))
      for unit in 0..<hidden {
        func part(_ which: Int) -> (x: Float, h: Float) {
          let at = which * hidden + unit
          return (x[at] + (bias?[at] ?? 0), gate[at] + (bias?[rows + at] ?? 0))
        }
        let update = f.apply(plan.clipped(part(0).x + part(0).h))
        let new: Float
        if isLinearFirst {
          let reset = f.apply(plan.clipped(part(1).x + part(1).h))
          new = g.apply(plan.clipped(part(2).x + reset * part(2).h))
        } else {
          new = g.apply(plan.clipped(part(2).x + candidate[unit] + (bias?[rows + 2 * hidden + unit] ?? 0)))
        }
        state[unit] = (1 - update) * new + update * state[unit]
      }
    }
  }
}
