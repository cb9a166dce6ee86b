import CKernels
import Foundation

/// Steps of recurrent cells, beside their formulas unit by unit.
enum VectorRecurrentCases {
  static let all: [SlotCase] = [
    cell("f32_lstm", gates: 4, { $0.f32_lstm($1) }) { problem, sample, unit in
      let forget = problem.peephole(2, unit), previous = problem.memory(sample, unit)
      let input = problem.gate(problem.sum(sample, 0, unit) + problem.peephole(0, unit) * previous)
      let kept =
        problem.cell.couples_forget != 0
        ? 1 - input : problem.gate(problem.sum(sample, 2, unit) + forget * previous)
      let memory = kept * previous + input * problem.candidate(problem.sum(sample, 3, unit))
      let output = problem.gate(problem.sum(sample, 1, unit) + problem.peephole(1, unit) * memory)
      return [output * problem.function(problem.cell.output, memory), memory]
    },
    cell("f32_gru", gates: 3, { $0.f32_gru($1) }) { problem, sample, unit in
      let z = problem.gate(problem.sum(sample, 0, unit)), reset = problem.gate(problem.sum(sample, 1, unit))
      let state = problem.product(sample, 2, unit) + problem.bias(unit)
      let fresh = problem.candidate(problem.x(sample, 2, unit) + reset * state)
      return [(1 - z) * fresh + z * problem.h(sample, unit)]
    },
    cell("f32_gru_reset", gates: 2, sums: 3, { $0.f32_gru_reset($1) }) { problem, sample, unit in
      let reset = problem.gate(problem.sum(sample, 1, unit))
      return [nil, problem.gate(problem.sum(sample, 0, unit)), reset * problem.h(sample, unit)]
    },
    cell("f32_gru_new", gates: 1, sums: 3, { $0.f32_gru_new($1) }) { problem, sample, unit in
      let sum = problem.x(sample, 2, unit) + problem.product(sample, 0, unit, of: problem.reset)
      let z = problem.memory(sample, unit)
      return [(1 - z) * problem.candidate(sum) + z * problem.h(sample, unit)]
    },
    cell("f32_rnn", gates: 1, { $0.f32_rnn($1) }) { problem, sample, unit in
      [problem.gate(problem.sum(sample, 0, unit))]
    },
  ]

  /// - Parameter exact: what a unit of a sample becomes: the state, the memory or update gate, the reset state; nil or
  ///   left out where the kernel does not write it.
  private static func cell(
    _ slot: String, gates: Int, sums: Int? = nil,
    _ run: @escaping @Sendable (ck_vector_table, UnsafePointer<ck_recurrent>) -> Void,
    exact: @escaping @Sendable (Problem, Int, Int) -> [Double?]
  ) -> SlotCase {
    SlotCase(vector: slot) { table, source in
      let problem = Problem(gates: gates, sums: sums ?? gates, &source)
      return Trial(
        label: "\(problem.samples) samples, \(problem.units) units",
        work: .floats(2 * Double(problem.samples * problem.units * problem.units * gates)),
        run: { withUnsafePointer(to: problem.cell) { run(table, $0) } },
        error: { problem.error { exact(problem, $0, $1) } })
    }
  }

  /// A step with its memory, as it was before.
  private final class Problem {
    let samples, units, gates, sums: Int
    private let padded: Int
    private let weights, sumsOfInput, state, biases: Memory<Float>
    private let peepholes: Memory<Float>?
    private let before: [Float]
    let kept, resets, out: Memory<Float>
    let reset: [Float]
    private(set) var cell: ck_recurrent
    private static let width = Int(CK_RECURRENT_PANEL)

    init(gates: Int, sums: Int, _ source: inout ProblemSource) {
      (samples, units) = (source.size(1...15, timed: 16), source.size(1...50, timed: 128))
      (self.gates, self.sums) = (gates, sums)
      padded = (units + Self.width - 1) / Self.width * Self.width
      weights = source.floats(gates * padded * units, in: -0.5...0.5)
      let row = sums * padded + source.gap()
      sumsOfInput = source.floats(samples * row, in: -3...3)
      state = source.floats(samples * units)
      biases = source.floats(padded)
      kept = source.floats(samples * padded)
      resets = source.floats(samples * padded)
      (before, reset) = (kept.values, resets.values)
      out = Memory(samples * units)
      let plain = source.choice(timed: true)
      peepholes = !plain && source.choice() ? source.floats(3 * padded) : nil
      func gate(_ usual: ck_gate_kind, _ source: inout ProblemSource) -> ck_gate {
        let kind = plain ? usual : Self.kinds.randomElement(using: &source) ?? usual
        return ck_gate(kind: kind, alpha: 0.7, beta: 0.3)
      }
      let functions = [CK_GATE_SIGMOID, CK_GATE_TANH, CK_GATE_TANH].map { gate($0, &source) }
      let clips = !plain && source.choice(), couples = !plain && source.choice()
      cell = ck_recurrent(
        samples: samples, units: units, weights: weights.start, x: sumsOfInput.start, x_row: row,
        h: state.start,
        h_row: units, out: out.start, out_row: units, c: kept.start, c_row: padded,
        peepholes: peepholes.map { UnsafePointer($0.start) }, peephole_gate: padded, bias: biases.start,
        reset: resets.start, reset_row: padded, z: kept.start, z_row: padded, gate: functions[0],
        candidate: functions[1], output: functions[2], clip: clips ? 1.5 : .infinity,
        couples_forget: couples ? 1 : 0)
    }

    private static let kinds = [
      CK_GATE_RELU, CK_GATE_TANH, CK_GATE_SIGMOID, CK_GATE_AFFINE, CK_GATE_LEAKY_RELU,
      CK_GATE_THRESHOLDED_RELU,
      CK_GATE_SCALED_TANH, CK_GATE_HARD_SIGMOID, CK_GATE_ELU, CK_GATE_SOFTSIGN, CK_GATE_SOFTPLUS,
    ]

    func h(_ sample: Int, _ unit: Int) -> Double { Double(state[sample * units + unit]) }
    func memory(_ sample: Int, _ unit: Int) -> Double { Double(before[sample * padded + unit]) }
    func bias(_ unit: Int) -> Double { Double(biases[unit]) }
    func peephole(_ gate: Int, _ unit: Int) -> Double { Double(peepholes?[gate * padded + unit] ?? 0) }

    func x(_ sample: Int, _ gate: Int, _ unit: Int) -> Double {
      let place = (unit / Self.width * sums + gate) * Self.width + unit % Self.width
      return Double(sumsOfInput[sample * cell.x_row + place])
    }

    /// The state, or what is reset, times a gate's weights.
    func product(_ sample: Int, _ gate: Int, _ unit: Int, of reset: [Float]? = nil) -> Double {
      (0..<units).reduce(0) { sum, k in
        let place = ((unit / Self.width * units + k) * gates + gate) * Self.width + unit % Self.width
        return sum + Double(reset?[sample * padded + k] ?? state[sample * units + k]) * Double(weights[place])
      }
    }

    func sum(_ sample: Int, _ gate: Int, _ unit: Int) -> Double {
      x(sample, gate, unit) + product(sample, gate, unit)
    }

    func gate(_ sum: Double) -> Double { function(cell.gate, limited(sum)) }
    func candidate(_ sum: Double) -> Double { function(cell.candidate, limited(sum)) }
    private func limited(_ sum: Double) -> Double { min(max(sum, -Double(cell.clip)), Double(cell.clip)) }

    func function(_ gate: ck_gate, _ x: Double) -> Double {
      let (alpha, beta) = (Double(gate.alpha), Double(gate.beta))
      return switch gate.kind {
      case CK_GATE_RELU: max(x, 0)
      case CK_GATE_TANH: tanh(x)
      case CK_GATE_SIGMOID: 1 / (1 + exp(-x))
      case CK_GATE_AFFINE: alpha * x + beta
      case CK_GATE_LEAKY_RELU: x < 0 ? alpha * x : x
      // A step: sums near it may fall on either side.
      case CK_GATE_THRESHOLDED_RELU: abs(x - alpha) < 1e-4 ? .nan : x > alpha ? x : 0
      case CK_GATE_SCALED_TANH: alpha * tanh(beta * x)
      case CK_GATE_HARD_SIGMOID: min(max(alpha * x + beta, 0), 1)
      case CK_GATE_ELU: x < 0 ? alpha * expm1(x) : x
      case CK_GATE_SOFTSIGN: x / (1 + abs(x))
      default: log1p(exp(x))
      }
    }

    func error(_ exact: (Int, Int) -> [Double?]) -> Double {
      guard out.isIntact, kept.isIntact, resets.isIntact else { return .infinity }
      var worst = 0.0
      for sample in 0..<samples {
        for unit in 0..<units {
          let values = exact(sample, unit)
          let found = [
            out[sample * units + unit], kept[sample * padded + unit], resets[sample * padded + unit],
          ]
          for (value, found) in zip(values, found) {
            guard let value, !value.isNaN else { continue }
            worst = max(worst, share(found, value, allowed: 2e-6 * (4 + abs(value))))
          }
        }
      }
      return worst
    }
  }
}
