import GraphIR
import TensorCore

/// Visits every place of an index tensor with the data offset of the same place, its position along one axis left out.
struct ElementWalk: Sendable {
  private let nest: LoopNest
  /// Elements between neighbours along the axis, and the axis's length.
  let step: Int
  let limit: Int

  init(indices: Shape, data: Shape, axis: Int) {
    let (own, strides) = (indices.strides, data.strides)
    nest = LoopNest(
      extents: indices.dimensions,
      strides: indices.dimensions.indices.map { SIMD4($0 == axis ? 0 : strides[$0], 0, 0, own[$0]) })
    step = strides[axis]
    limit = data[axis]
  }

  @inline(__always)
  func forEach(_ body: (_ place: Int, _ offset: Int) throws -> Void) rethrows {
    let (count, steps) = (nest.rowCount, nest.rowStrides)
    try nest.forEachRow { offsets in
      for index in 0..<count {
        let at = offsets &+ steps &* index
        try body(at[3], at[0])
      }
    }
  }
}

/// - Throws: unless the indices have the data's rank and fit inside it on every other axis.
func checkElements(_ site: OperatorSite, _ indices: Shape, within data: Shape) throws {
  let axis = try site.axis(try site.int("axis", default: 0), rank: data.rank)
  guard indices.rank == data.rank,
    data.dimensions.indices.allSatisfy({ $0 == axis || indices[$0] <= data[$0] })
  else { throw site.inputError(1, expected: "inside \(data) except along axis \(axis)") }
}
