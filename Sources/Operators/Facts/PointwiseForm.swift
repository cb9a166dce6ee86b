/// An operator whose output at a place depends on its operands at that place alone. It runs in any layout and can be cut
/// anywhere; channels at the same place go together.
package struct PointwiseForm: Sendable {
  package enum Operands: Sendable {
    /// All inputs, broadcast together.
    case all
    /// Those at these places; the others are read whole, or for their type alone.
    case only([Int])
  }

  package let operands: Operands
  package let derivative: Derivative
  let exception: (@Sendable (OperatorSite) -> Bool)?

  /// Whether the input at a place is read place by place.
  package func reads(_ place: Int) -> Bool {
    switch operands {
    case .all: true
    case .only(let places): places.contains(place)
    }
  }

  package func holds(at site: OperatorSite) -> Bool { exception?(site) != true }
}
