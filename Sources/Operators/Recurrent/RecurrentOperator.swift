import GraphIR
import Kernels
import TensorCore

/// RNN, GRU and LSTM over sequences, forward, reverse or both ways, with optional initial states, lengths per sample and
/// (LSTM) peepholes.
///
/// `RecurrentRun` has the loops, `RecurrentCell` of Kernels a step.
/// Places beyond a sample's length are zero in the output (Hochreiter and Schmidhuber 1997,
/// doi:10.1162/neco.1997.9.8.1735; Cho et al. 2014, arXiv:1406.1078).
struct RecurrentOperator: Operator {
  let kinds: [OperatorKind] = ["RNN", "GRU", "LSTM"]

  func traits(of kind: OperatorKind) -> OperatorTraits { .structured(.recurrent) }

  private static func plan(_ site: OperatorSite) throws -> RecurrentPlan {
    switch site.kind.type {
    case "LSTM": try RecurrentPlan(site, gates: 4, functions: [.sigmoid, .tanh, .tanh])
    case "GRU": try RecurrentPlan(site, gates: 3, functions: [.sigmoid, .tanh])
    default: try RecurrentPlan(site, gates: 1, functions: [.tanh])
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
    let layout = RecurrentLayout(try Self.kind(site), units: plan.hidden, inputs: plan.inputSize)
    // Sums are made of whole panels of units.
    _ = try site.shape([plan.steps, plan.batch, layout.sums])
    let couplesForget = try site.flag("input_forget")
    let cells = (0..<plan.directions).map { way in
      RecurrentCell(
        layout, gate: plan.function(way, 0), candidate: plan.function(way, 1), output: plan.function(way, 2),
        clip: plan.clip, couplesForget: couplesForget, hasPeepholes: site.optionalInput(7) != nil,
        table: table)
    }
    let run = RecurrentRun(site, plan: plan, cells: cells, outputs: outputs.count, table: table)
    return OperatorBody(scratchBytes: run.scratchBytes) { run.run($0) }
  }

  private static func kind(_ site: OperatorSite) throws -> RecurrentLayout.Kind {
    switch site.kind.type {
    case "LSTM": .lstm
    case "GRU": .gru(resetsFirst: try !site.flag("linear_before_reset"))
    default: .rnn
    }
  }
}
