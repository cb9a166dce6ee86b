import TensorCore

/// A shape seen as lines along one axis: `outer` blocks of `count` steps of `inner` elements.
struct AxisLines: Sendable {
  let outer: Int
  let count: Int
  let inner: Int

  init(shape: Shape, axis: Int) {
    outer = shape.dimensions[..<axis].reduce(1, *)
    count = shape.dimensions[axis]
    inner = shape.dimensions[(axis + 1)...].reduce(1, *)
  }

  /// Calls `body` with each line's number and the offset of its first element; its elements are `inner` apart.
  @inline(__always)
  func forEach(_ body: (_ line: Int, _ start: Int) throws -> Void) rethrows {
    for block in 0..<outer {
      for place in 0..<inner { try body(block * inner + place, block * count * inner + place) }
    }
  }
}
