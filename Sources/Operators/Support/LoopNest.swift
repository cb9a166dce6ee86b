import TensorCore

/// Nested loops over one result and up to three operands, each with its own strides; neighbouring loops that run on
/// without a gap in every operand are merged, so that the innermost one is as long as it can be.
///
/// Lane 3 of the strides and offsets is the result's.
struct LoopNest: Sendable {
  private(set) var extents: [Int]
  private(set) var strides: [SIMD4<Int>]

  /// - Parameter strides: per axis, outermost first, in elements; zero repeats.
  init(extents: [Int], strides: [SIMD4<Int>]) {
    self.extents = []
    self.strides = []
    for (extent, stride) in zip(extents, strides) where extent != 1 {
      if let last = self.strides.last, last == stride &* extent {
        self.extents[self.extents.count - 1] *= extent
        self.strides[self.strides.count - 1] = stride
      } else {
        self.extents.append(extent)
        self.strides.append(stride)
      }
    }
    if self.extents.isEmpty {
      self.extents = [1]
      self.strides = [.zero]
    }
    // An empty loop makes the whole nest empty; merged extents of other loops must not matter.
    if self.extents.contains(0) {
      self.extents = [0]
      self.strides = [.zero]
    }
  }

  /// The nest that broadcasts operands to the dense `result` (numpy's rules, already checked).
  init(broadcasting operands: [Shape], to result: Shape) {
    var strides = result.strides.map { SIMD4(0, 0, 0, $0) }
    for (lane, operand) in operands.enumerated() {
      for (axis, stride) in operand.broadcastStrides(to: result).enumerated() { strides[axis][lane] = stride }
    }
    self.init(extents: result.dimensions, strides: strides)
  }

  /// Length of the innermost loop.
  var rowCount: Int { extents[extents.count - 1] }
  /// Steps of the innermost loop.
  var rowStrides: SIMD4<Int> { strides[strides.count - 1] }

  /// Calls `body` with the offsets at which each innermost loop starts.
  @inline(__always)
  func forEachRow(_ body: (SIMD4<Int>) throws -> Void) rethrows {
    try forEachBlock { offsets, rows, steps in
      var offsets = offsets
      for _ in 0..<rows {
        try body(offsets)
        offsets &+= steps
      }
    }
  }

  /// Calls `body` with the offsets at which each pair of innermost loops starts, the outer one's length (1 where
  /// there is only one loop) and its steps.
  @inline(__always)
  func forEachBlock(_ body: (_ offsets: SIMD4<Int>, _ rows: Int, _ steps: SIMD4<Int>) throws -> Void) rethrows
  {
    let outer = extents.count - 2
    if outer < 0 { return try body(.zero, 1, .zero) }
    // Counted and divided instead of recursive: Swift 6.3 returns a stale error from recursive rethrowing closures.
    let blocks = extents[..<outer].reduce(1, *)
    for block in 0..<blocks {
      try body(offsets(ofBlock: block, below: outer), extents[outer], strides[outer])
    }
  }

  private func offsets(ofBlock block: Int, below end: Int) -> SIMD4<Int> {
    var offsets = SIMD4<Int>.zero
    var rest = block
    for axis in stride(from: end - 1, through: 0, by: -1) {
      offsets &+= strides[axis] &* (rest % extents[axis])
      rest /= extents[axis]
    }
    return offsets
  }
}

extension Shape {
  /// Strides that read this shape's elements as if repeated to `result`.
  func broadcastStrides(to result: Shape) -> [Int] {
    let missing = result.rank - rank
    let own = strides
    return result.dimensions.indices.map { axis in
      let source = axis - missing
      return source < 0 || dimensions[source] == 1 ? 0 : own[source]
    }
  }
}

extension OperatorSite {
  /// The shape all of these broadcast to (numpy's rules).
  func broadcast(_ shapes: [Shape], firstInput: Int = 0) throws -> Shape {
    let rank = shapes.map(\.rank).max() ?? 0
    var result = [Int](repeating: 1, count: rank)
    for (index, operand) in shapes.enumerated() {
      for (axis, dimension) in operand.dimensions.enumerated() where dimension != 1 {
        let place = rank - operand.rank + axis
        guard result[place] == 1 || result[place] == dimension else {
          throw inputError(firstInput + index, expected: "broadcastable to \(result)")
        }
        result[place] = dimension
      }
    }
    return try shape(result)
  }
}
