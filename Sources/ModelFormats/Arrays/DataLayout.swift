import GraphIR
import TensorCore

/// How pictures lie in data, where a model takes them the other way.
package enum DataLayout: String, Sendable, Hashable, CaseIterable {
  /// [N, H, W, C].
  case channelsLast = "nhwc"
  /// [N, C, H, W].
  case channelsFirst = "nchw"

  /// Where the channels go, of data of so many axes; nil where it has no channels apart.
  private func move(_ rank: Int) -> (from: Int, to: Int)? {
    guard rank > 2 else { return nil }
    return switch self {
    case .channelsLast: (rank - 1, 1)
    case .channelsFirst: (1, rank - 1)
    }
  }

  /// Data of this layout in the other.
  func turned(_ tensor: Tensor) throws -> Tensor {
    guard let (from, to) = move(tensor.shape.rank) else { return tensor }
    return try tensor.moving(axis: from, to: to)
  }

  /// The layout that data would have to be in to fit the input once turned; nil where none would do.
  static func fitting(_ found: Shape, to input: ValueInfo, _ place: SamplePlace) -> DataLayout? {
    allCases.first { layout in
      guard let (from, to) = layout.move(found.rank), let wanted = input.sizes(place) else { return false }
      var sizes = found.dimensions
      sizes.insert(sizes.remove(at: from), at: to)
      return sizes.count == wanted.count && zip(sizes, wanted).allSatisfy { $1 == nil || $0 == $1 }
    }
  }
}
