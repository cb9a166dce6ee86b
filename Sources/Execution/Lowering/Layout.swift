import TensorCore

/// How a value's elements lie in memory.
enum Layout: Hashable, Sendable {
  /// Row-major in the order of the ONNX dimensions.
  case plain
  /// [N, C, spatial...] held as [N, spatial..., C].
  case channelsLast
  /// [N, C * area] that flattened a channels-last value: the columns are in the order (area, C).
  case flattened(channels: Int, area: Int)

  /// The dimensions as stored.
  func stored(_ shape: Shape) -> Shape {
    guard self == .channelsLast, shape.rank >= 3 else { return shape }
    return Shape(known: [shape[0]] + shape.dimensions[2...] + [shape[1]])
  }

  /// Whether the bytes of `shape` in this layout are also those of the plain one.
  func isPlain(for shape: Shape) -> Bool {
    switch self {
    case .plain: true
    case .channelsLast: shape.count == 0 || shape[1] == 1 || shape.count == shape[0] * shape[1]
    case .flattened(let channels, let area): channels == 1 || area == 1
    }
  }

  /// Where an ONNX axis lies in the stored dimensions of a value of `rank`.
  func stored(axis: Int, rank: Int) -> Int {
    guard self == .channelsLast else { return axis }
    return axis == 0 ? 0 : axis == 1 ? rank - 1 : axis - 1
  }
}
