/// How the weights of a float product may lie in memory.
package enum MatrixForm: Int, Hashable, Sendable, CaseIterable {
  /// Every weight, in the width it is stored at.
  case dense
  /// Every weight as a float, whatever it is stored as.
  case floats
  /// Single weights with their places.
  case sparse
  /// At most n of m weights in a row.
  case pattern
  /// Strips of outputs that keep the same inputs.
  case blocks
}

/// Which form a layer's weights are multiplied from, where they allow several.
package enum FormPolicy: Sendable, Hashable {
  /// All forms that are worth while are timed, and the fastest is taken.
  case measured
  /// As stored.
  case stored
  /// This one, wherever the weights can be held so; else as stored. Layers whose data comes as bytes have no choice.
  case always(MatrixForm)
}
