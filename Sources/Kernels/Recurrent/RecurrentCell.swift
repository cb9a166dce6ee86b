import CKernels

/// A recurrent cell, run a step at a time: what does not change from step to step.
package struct RecurrentCell: Sendable {
  package let layout: RecurrentLayout
  /// The function of the gates; of an RNN its only one.
  package let gate: RecurrentGate
  /// Of what is new to the state.
  package let candidate: RecurrentGate
  /// LSTM: of the memory, on its way to the state.
  package let output: RecurrentGate
  /// Limits what functions are given; nil for no limit.
  package let clip: Float?
  /// LSTM: forget gate = 1 - input gate.
  package let couplesForget: Bool
  package let hasPeepholes: Bool
  private let table: VectorTable

  package init(
    _ layout: RecurrentLayout, gate: RecurrentGate, candidate: RecurrentGate, output: RecurrentGate,
    clip: Float?,
    couplesForget: Bool, hasPeepholes: Bool, table: KernelTable
  ) {
    self.layout = layout
    self.gate = gate
    self.candidate = candidate
    self.output = output
    self.clip = clip
    self.couplesForget = couplesForget
    self.hasPeepholes = hasPeepholes
    self.table = table.vector
  }

  /// What a step reads and writes: the first sample's values, and floats from one sample's to the next.
  package struct Rows {
    package typealias Values = (start: UnsafeMutablePointer<Float>, row: Int)

    /// Sums with the input, biases added.
    package var x: Values
    /// The state before.
    package var h: Values
    /// The state after; it may not overlap the one before.
    package var out: Values
    /// LSTM's memory, changed in place; otherwise room for `paddedUnits` floats a sample, as `reset` is.
    package var memory: Values
    package var reset: Values

    package init(x: Values, h: Values, out: Values, memory: Values, reset: Values) {
      self.x = x
      self.h = h
      self.out = out
      self.memory = memory
      self.reset = reset
    }
  }

  /// One step for some samples. Allocates nothing.
  /// - Parameter weights: as `layout.pack` wrote them.
  package func step(samples: Int, weights: UnsafePointer<Float>, _ rows: Rows) {
    var cell = ck_recurrent(
      samples: samples, units: layout.units, weights: weights, x: rows.x.start, x_row: rows.x.row,
      h: rows.h.start, h_row: rows.h.row, out: rows.out.start, out_row: rows.out.row,
      c: rows.memory.start, c_row: rows.memory.row,
      peepholes: hasPeepholes ? weights + layout.peepholes : nil, peephole_gate: layout.paddedUnits,
      bias: weights + layout.productBias, reset: rows.reset.start, reset_row: rows.reset.row,
      z: rows.memory.start, z_row: rows.memory.row, gate: ck_gate(gate), candidate: ck_gate(candidate),
      output: ck_gate(output), clip: clip ?? .infinity, couples_forget: couplesForget ? 1 : 0)
    switch layout.kind {
    case .lstm: table.kernels.pointee.f32_lstm(&cell)
    case .gru(resetsFirst: false): table.kernels.pointee.f32_gru(&cell)
    case .gru(resetsFirst: true):
      table.kernels.pointee.f32_gru_reset(&cell)
      cell.weights = weights + layout.hiddenGate
      table.kernels.pointee.f32_gru_new(&cell)
    case .rnn: table.kernels.pointee.f32_rnn(&cell)
    }
  }
}
