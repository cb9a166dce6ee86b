import Compression

/// One row of the knobs panel: something of a recipe that can be turned.
package enum Knob: String, CaseIterable, Hashable, Sendable {
  case prune, weights, activations, rank, pruning, granularity, symmetry, calibration

  package var title: String {
    switch self {
    case .prune: "prune"
    case .weights: "bits W"
    case .activations: "bits A"
    case .rank: "rank"
    case .pruning: "method"
    case .granularity: "scales"
    case .symmetry: "zero pt"
    case .calibration: "range"
    }
  }

  /// One sentence on what it does and what it needs, for the help.
  package var explanation: String {
    switch self {
    case .prune: "Share of weights set to zero, or of neurons and filters removed, smallest first."
    case .weights: "Bits of a stored weight: 32 and 16 are floats, 8 to 2 integers, 1.58 ternary, 1 signs."
    case .activations:
      "8 makes layers with quantized weights run integer dot products; needs calibration data."
    case .rank: "Share of singular values kept; a layer becomes two thin products where that saves weights."
    case .pruning:
      "Which weights go: smallest of the whole model, of each layer, or whole neurons and filters."
    case .granularity:
      "One scale per tensor, or one per output channel (a little larger, usually more accurate)."
    case .symmetry:
      "Symmetric codes centre on zero; asymmetric ones spend a zero point to fit a skewed range."
    case .calibration: "Range of the codes: all values (min-max), or clipped at the 99.9th percentile."
    }
  }
}

/// How far one key press turns a knob.
package enum Turn: Hashable, Sendable {
  case up, down, coarseUp, coarseDown

  var direction: Int {
    switch self {
    case .up, .coarseUp: 1
    case .down, .coarseDown: -1
    }
  }

  /// Percentage points of a ratio.
  var points: Int {
    switch self {
    case .up, .down: direction
    case .coarseUp, .coarseDown: direction * 10
    }
  }
}
