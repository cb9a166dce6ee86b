import Glibc
import GraphIR
import Kernels
import TensorCore

/// LinearAttention: a state S per head, updated token by token, read by the query: o = scale * q^T S.
///
/// Rules: linear S += k v^T; gated S = exp(g) S + k v^T; delta S += b k (v - S^T k)^T; gated_delta both (Yang et al. 2024,
/// arXiv:2412.06464). Inputs are packed as [batch, length, heads * size].
struct LinearAttentionOperator: Operator {
  let kinds: [OperatorKind] = ["LinearAttention"]

  func traits(of kind: OperatorKind) -> OperatorTraits {
    .structured(.uncounted("no count of its recurrent forms"))
  }

  private struct Plan: Sendable {
    let batch, length, queryHeads, heads, keySize, valueSize: Int
    let decays: Bool
    let decayPerKey: Bool
    let isDelta: Bool
    let sharesRate: Bool
    let scale: Double

    init(_ site: OperatorSite) throws {
      let (q, k, v) = (try site.input(0).shape, try site.input(1).shape, try site.input(2).shape)
      queryHeads = try site.int("q_num_heads", default: 0)
      heads = try site.int("kv_num_heads", default: 0)
      guard q.rank == 3, k.rank == 3, v.rank == 3, heads >= 1, queryHeads >= 1, queryHeads % heads == 0,
        q[2] % queryHeads == 0, k[2] % heads == 0, v[2] % heads == 0, k[2] / heads == q[2] / queryHeads,
        k[0] == q[0], v[0] == q[0], k[1] == q[1], v[1] == q[1]
      else {
        throw site.inputError(
          0, expected: "packed [batch, length, heads * size], as keys and values for their heads are")
      }
      (batch, length, keySize, valueSize) = (q[0], q[1], q[2] / queryHeads, v[2] / heads)
      let rule = try site.string(
        "update_rule", default: "gated_delta", choices: ["linear", "gated", "delta", "gated_delta"])
      decays = rule.hasPrefix("gated")
      isDelta = rule.hasSuffix("delta")
      if site.optionalInput(3) != nil {
        guard try site.input(3).shape.dimensions == [batch, heads, keySize, valueSize] else {
          throw site.inputError(3, expected: "of shape [\(batch), \(heads), \(keySize), \(valueSize)]")
        }
      }
      let decay = decays ? try site.input(4).shape.dimensions : []
      decayPerKey = decays && decay == [batch, length, k[2]] && k[2] != heads
      guard !decays || decayPerKey || decay == [batch, length, heads] else {
        throw site.inputError(4, expected: "of \(heads) or \(k[2]) columns")
      }
      let rate = isDelta ? try site.input(5).shape.dimensions : []
      sharesRate = isDelta && rate == [batch, length, 1] && heads != 1
      guard !isDelta || sharesRate || rate == [batch, length, heads] else {
        throw site.inputError(5, expected: "of \(heads) columns or 1")
      }
      let given = Double(try site.float("scale", default: 0))
      scale = given == 0 ? 1 / Double(max(keySize, 1)).squareRoot() : given
    }
  }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let type = try site.input(0, of: DataType.real).dataType
    for index in 1..<max(site.inputs.count, 3) where site.optionalInput(index) != nil {
      try site.input(index, of: [type, .float32])
    }
    let plan = try Plan(site)
    return [
      TensorType(
        type, try site.shape([plan.batch, plan.length, try site.product(plan.queryHeads, plan.valueSize)])),
      TensorType(
        site.optionalInput(3)?.dataType ?? type,
        try site.shape([plan.batch, plan.heads, plan.keySize, plan.valueSize])),
    ]
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    try site.dispatchReal(
      0, Visitor(plan: try Plan(site), count: site.inputs.count, hasState: outputs.count > 1))
  }

  private struct Visitor: RealVisitor {
    let plan: Plan
    let count: Int
    let hasState: Bool

    func visit<Element: RealElement>(_ type: Element.Type) throws -> OperatorBody {
      let (rows, columns) = (plan.keySize, plan.valueSize)
      return OperatorBody(scratchBytes: aligned((rows + 1) * columns * 8)) {
        [plan, count, hasState] arguments in
        let state = arguments.scratch(as: Double.self)
        let error = state + rows * columns
        let (q, k) = (arguments.input(0, as: Element.self), arguments.input(1, as: Element.self))
        let v = arguments.input(2, as: Element.self)
        let past = arguments.optionalInput(3, count: count, as: Element.self)
        let group = plan.queryHeads / plan.heads
        for sample in 0..<plan.batch {
          for head in 0..<plan.heads {
            let stateAt = (sample * plan.heads + head) * rows * columns
            for index in 0..<rows * columns { state[index] = past.map { Double($0[stateAt + index]) } ?? 0 }
            for token in 0..<plan.length {
              let at = sample * plan.length + token
              let key = k + (at * plan.heads + head) * rows
              let value = v + (at * plan.heads + head) * columns
              if plan.decays {
                let decay = arguments.input(4, as: Element.self)
                for row in 0..<rows {
                  let place =
                    plan.decayPerKey ? (at * plan.heads + head) * rows + row : at * plan.heads + head
                  let factor = exp(Double(decay[place]))
                  for column in 0..<columns { state[row * columns + column] *= factor }
                }
              }
              for column in 0..<columns { error[column] = Double(value[column]) }
              if plan.isDelta {
                let rates = arguments.input(5, as: Element.self)
                let rate = Double(rates[plan.sharesRate ? at : at * plan.heads + head])
                for row in 0..<rows {
                  for column in 0..<columns {
                    error[column] -= state[row * columns + column] * Double(key[row])
                  }
                }
                for column in 0..<columns { error[column] *= rate }
              }
              for row in 0..<rows {
                for column in 0..<columns {
                  state[row * columns + column] += Double(key[row]) * error[column]
                }
              }
              guard let output = arguments.output(0, as: Element.self) else { continue }
              for member in 0..<group {
                let query = q + (at * plan.queryHeads + head * group + member) * rows
                let target = output + (at * plan.queryHeads + head * group + member) * columns
                for column in 0..<columns {
                  var sum = 0.0
                  for row in 0..<rows { sum += Double(query[row]) * state[row * columns + column] }
                  target[column] = Element(sum * plan.scale)
                }
              }
            }
            guard hasState, let present = arguments.output(1, as: Element.self) else { continue }
            for index in 0..<rows * columns { present[stateAt + index] = Element(state[index]) }
          }
        }
      }
    }
  }
}
