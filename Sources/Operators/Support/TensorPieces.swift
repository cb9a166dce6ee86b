import GraphIR
import TensorCore

/// Tensors cut into pieces along an axis, and put together again, of any element type.
enum TensorPieces {
  /// The part at `range` along an axis.
  static func part(_ tensor: Tensor, axis: Int, range: Range<Int>) throws -> Tensor {
    try cut(tensor, axis: axis, runs: [range])
  }

  /// The slices at `places` along an axis, in that order.
  static func picked(_ tensor: Tensor, axis: Int, places: [Int]) throws -> Tensor {
    try cut(tensor, axis: axis, runs: places.map { $0..<$0 + 1 })
  }

  /// Runs of slices along an axis, one behind the other.
  private static func cut(_ tensor: Tensor, axis: Int, runs: [Range<Int>]) throws -> Tensor {
    var dimensions = tensor.shape.dimensions
    dimensions[axis] = runs.reduce(0) { $0 + $1.count }
    let shape = try Shape(dimensions)
    let lines = AxisLines(shape: tensor.shape, axis: axis)
    let width = lines.inner * tensor.dataType.byteCount
    let storage = TensorStorage(
      byteCount: shape.count * tensor.dataType.byteCount, strings: tensor.storage.strings
    ) { target in
      guard let from = tensor.bytes.baseAddress, var to = target.baseAddress else { return }
      for block in 0..<lines.outer {
        for run in runs {
          to.copyMemory(
            from: from + (block * lines.count + run.lowerBound) * width, byteCount: run.count * width)
          to += run.count * width
        }
      }
    }
    return try Tensor(shape: shape, dataType: tensor.dataType, storage: storage)
  }

  /// The piece at `index` along an axis, without that axis.
  static func element(_ tensor: Tensor, axis: Int, index: Int) throws -> Tensor {
    let piece = try part(tensor, axis: axis, range: index..<index + 1)
    var dimensions = piece.shape.dimensions
    dimensions.remove(at: axis)
    return try piece.reshaped(to: Shape(dimensions))
  }

  /// Tensors of one type one behind the other along an axis; nil where their types or other dimensions differ, or there
  /// are none.
  static func joined(_ tensors: [Tensor], axis: Int) throws -> Tensor? {
    guard let first = tensors.first, first.shape.dimensions.indices.contains(axis) else { return nil }
    for tensor in tensors {
      var dimensions = tensor.shape.dimensions
      guard dimensions.count == first.shape.rank, tensor.dataType == first.dataType else { return nil }
      dimensions[axis] = first.shape[axis]
      guard dimensions == first.shape.dimensions else { return nil }
    }
    var dimensions = first.shape.dimensions
    dimensions[axis] = tensors.reduce(0) { $0 + $1.shape[axis] }
    let shape = try Shape(dimensions)
    let outer = dimensions[..<axis].reduce(1, *)
    let width = dimensions[(axis + 1)...].reduce(1, *) * first.dataType.byteCount
    var table = StringTable()
    let shared =
      first.dataType == .string ? try tensors.map { try $0.interned(in: &table) } : tensors
    let storage = TensorStorage(
      byteCount: shape.count * first.dataType.byteCount,
      strings: first.dataType == .string ? table.texts : []
    ) { target in
      guard var to = target.baseAddress else { return }
      for block in 0..<outer {
        for tensor in shared {
          let bytes = tensor.shape[axis] * width
          guard bytes > 0, let from = tensor.bytes.baseAddress else { continue }
          to.copyMemory(from: from + block * bytes, byteCount: bytes)
          to += bytes
        }
      }
    }
    return try Tensor(shape: shape, dataType: first.dataType, storage: storage)
  }

  /// Tensors of one type and shape along a new axis; nil where they differ or there are none.
  static func stacked(_ tensors: [Tensor], axis: Int) throws -> Tensor? {
    try joined(
      tensors.map { tensor in
        var dimensions = tensor.shape.dimensions
        dimensions.insert(1, at: min(axis, dimensions.count))
        return try tensor.reshaped(to: Shape(dimensions))
      }, axis: axis)
  }
}
