import CKernels

/// The weights of a recurrent cell as its kernels read them (`ck_recurrent.h`), all in one piece of memory.
///
/// Rows of sums with the input lie by panels of units, a panel's gates together, in the order of the gates.
package struct RecurrentLayout: Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    /// Gates input, output, forget, cell.
    case lstm
    /// Gates update, reset, hidden; the state is reset before or after the product with the hidden gate's weights.
    case gru(resetsFirst: Bool)
    case rnn
  }

  package let kind: Kind
  package let units: Int
  package let inputs: Int

  package init(_ kind: Kind, units: Int, inputs: Int) {
    self.kind = kind
    self.units = units
    self.inputs = inputs
  }

  package var gates: Int {
    switch kind {
    case .lstm: 4
    case .gru: 3
    case .rnn: 1
    }
  }

  private static let width = Int(CK_RECURRENT_PANEL)
  private var panels: Int { (units + Self.width - 1) / Self.width }
  /// Units up to the end of the last panel.
  package var paddedUnits: Int { panels * Self.width }
  /// Sums with the input that a sample has in each step.
  package var sums: Int { gates * paddedUnits }

  /// Gates whose weights of the state are multiplied together, one group after the other.
  private var groups: [Range<Int>] { kind == .gru(resetsFirst: true) ? [0..<2, 2..<3] : [0..<gates] }

  // Places in the memory: weights of the state, of the hidden gate where the state is reset first, biases of the sums,
  // bias of the hidden gate's product, peepholes, and the rows of the input's weights.
  var hiddenGate: Int { 2 * paddedUnits * units }
  package var bias: Int { gates * paddedUnits * units }
  var productBias: Int { bias + sums }
  var peepholes: Int { productBias + paddedUnits }
  package var inputWeights: Int { peepholes + 3 * paddedUnits }
  /// Floats in all.
  package var count: Int { inputWeights + sums * inputs }

  /// Where a unit's sum lies in a row.
  private func place(_ gate: Int, _ unit: Int) -> Int {
    (unit / Self.width * gates + gate) * Self.width + unit % Self.width
  }

  /// Writes `count` floats from one direction's weights as ONNX has them.
  /// - Parameters:
  ///   - w: [gates · units, inputs].
  ///   - r: [gates · units, units].
  ///   - b: [2 · gates · units], of the input first; nil for none.
  ///   - p: [3 · units], peepholes input, output, forget; nil for none.
  package func pack(
    w: UnsafePointer<Float>, r: UnsafePointer<Float>, b: UnsafePointer<Float>?, p: UnsafePointer<Float>?,
    into memory: UnsafeMutablePointer<Float>
  ) {
    memory.update(repeating: 0, count: count)
    for group in groups {
      let start = memory + group.lowerBound * paddedUnits * units
      for gate in group {
        for unit in 0..<units {
          let row = r + (gate * units + unit) * units
          let panel = start + unit / Self.width * units * group.count * Self.width
          let out = panel + (gate - group.lowerBound) * Self.width + unit % Self.width
          for k in 0..<units { out[k * group.count * Self.width] = row[k] }
        }
      }
    }
    for gate in 0..<gates {
      for unit in 0..<units {
        let (from, to) = (gate * units + unit, place(gate, unit))
        (memory + inputWeights + to * inputs).update(from: w + from * inputs, count: inputs)
        guard let b else { continue }
        let ofState = b[gates * units + from]
        if kind == .gru(resetsFirst: false) && gate == 2 {
          memory[bias + to] = b[from]
          memory[productBias + unit] = ofState
        } else {
          memory[bias + to] = b[from] + ofState
        }
      }
    }
    guard let p else { return }
    for gate in 0..<3 {
      (memory + peepholes + gate * paddedUnits).update(from: p + gate * units, count: units)
    }
  }
}
