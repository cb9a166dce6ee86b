import TensorCore

/// Where an input or output holds its samples (its batch).
package enum SamplePlace: Sendable, Hashable {
  /// Along this axis; data for it lies the same way.
  case axis(Int)
  /// Nowhere: one run takes one sample whole, and data has one axis more in front that counts them.
  case whole
  /// One value that holds for all samples.
  case shared

  /// How many samples `shape` holds, which is data's; nil where it holds for all of them, or has no such axis.
  package func samples(in shape: Shape) -> Int? {
    switch self {
    case .axis(let axis): axis < shape.rank ? shape[axis] : nil
    case .whole: shape.dimensions.first
    case .shared: nil
    }
  }

  /// Samples `rows` of data as one run takes them.
  /// - Throws: `TensorError.invalidShape` where data has no such samples, or several are asked of what is taken whole.
  package func taking(_ rows: [Int], of data: Tensor) throws -> Tensor {
    switch self {
    case .axis(let axis):
      try isRun(rows) { try data.slice($0, along: axis) } ?? data.gathered(rows, along: axis)
    case .whole:
      try data.slice(rows[0]..<rows[0] + 1).reshaped(to: Shape(Array(data.shape.dimensions.dropFirst())))
    case .shared: data
    }
  }

  /// Samples `rows` of data, as data of fewer samples.
  /// - Throws: `TensorError.invalidShape` where data has no such samples.
  package func selecting(_ rows: [Int], of data: Tensor) throws -> Tensor {
    switch self {
    case .axis(let axis): try data.gathered(rows, along: axis)
    case .whole: try data.gathered(rows)
    case .shared: data
    }
  }

  private func isRun(_ rows: [Int], _ slice: (Range<Int>) throws -> Tensor) rethrows -> Tensor? {
    guard let first = rows.first, rows.indices.allSatisfy({ rows[$0] == first + $0 }) else { return nil }
    return try slice(first..<first + rows.count)
  }
}
