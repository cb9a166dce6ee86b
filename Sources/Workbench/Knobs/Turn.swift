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
