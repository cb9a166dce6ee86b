import TensorCore

/// A plain value seen through a transpose: the last two axes as a matrix, those before as a batch.
struct StridedMatrix {
  let shape: Shape
  /// Per axis of `shape`, in elements.
  let strides: [Int]

  /// - Parameters:
  ///   - source: the dimensions in memory.
  ///   - permutation: which of them each axis is; nil where they are in order.
  init(_ source: Shape, permutation: [Int]? = nil) {
    let order = permutation ?? Array(0..<source.rank)
    let plain = source.strides
    shape = Shape(known: order.map { source[$0] })
    strides = order.map { plain[$0] }
  }

  var rows: Int { shape[shape.rank - 2] }
  var columns: Int { shape[shape.rank - 1] }
  var rowStride: Int { strides[strides.count - 2] }
  var columnStride: Int { strides[strides.count - 1] }

  /// Offsets of the matrices for every index of `batch`, with numpy's broadcasting; nil where it does not fit.
  func offsets(over batch: [Int]) -> [Int]? {
    let own = Array(shape.dimensions.dropLast(2))
    guard own.count <= batch.count else { return nil }
    let missing = batch.count - own.count
    var offsets = [0]
    for axis in batch.indices {
      let size = axis < missing ? 1 : own[axis - missing]
      guard size == 1 || size == batch[axis] else { return nil }
      let stride = size == 1 ? 0 : strides[axis - missing]
      offsets = offsets.flatMap { base in (0..<batch[axis]).map { base + $0 * stride } }
    }
    return offsets
  }
}
