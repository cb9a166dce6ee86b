import TensorCore

/// How a shape splits into the axes that are reduced and those that are kept.
struct ReductionLayout: Sendable {
  private let kept: LoopNest
  private let reduced: LoopNest
  let keptCount: Int
  let reducedCount: Int
  /// Whether the reduced axes are the innermost ones, so that every reduction is a dense row.
  let isTrailing: Bool

  init(shape: Shape, axes: [Int]) {
    let strides = shape.strides
    func nest(_ isChosen: (Int) -> Bool) -> LoopNest {
      let chosen = shape.dimensions.indices.filter(isChosen)
      return LoopNest(
        extents: chosen.map { shape[$0] }, strides: chosen.map { SIMD4(strides[$0], 0, 0, 0) })
    }
    kept = nest { !axes.contains($0) }
    reduced = nest(axes.contains)
    keptCount = shape.dimensions.indices.filter { !axes.contains($0) }.reduce(1) { $0 * shape[$1] }
    reducedCount = axes.reduce(1) { $0 * shape[$1] }
    isTrailing = Set(axes) == Set((shape.rank - axes.count)..<shape.rank)
  }

  /// Calls `body` with the result's index and the offset of its first element.
  @inline(__always)
  func forEachKept(_ body: (_ place: Int, _ offset: Int) -> Void) {
    var place = 0
    let (count, step) = (kept.rowCount, kept.rowStrides[0])
    kept.forEachRow { offsets in
      for index in 0..<count {
        body(place, offsets[0] + index * step)
        place += 1
      }
    }
  }

  /// Calls `body` with the offset of every element that is reduced into one result.
  @inline(__always)
  func forEachReduced(from offset: Int, _ body: (Int) -> Void) {
    let (count, step) = (reduced.rowCount, reduced.rowStrides[0])
    reduced.forEachRow { offsets in
      var at = offset + offsets[0]
      for _ in 0..<count {
        body(at)
        at += step
      }
    }
  }
}
