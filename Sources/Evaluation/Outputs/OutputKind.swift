/// What an output's numbers mean, which decides how two models' are compared.
package enum OutputKind: Sendable, Hashable {
  /// Scores of classes, one answer a sample.
  case classes
  /// Scores of classes along this axis of a sample, an answer at each of the other places.
  case positions(axis: Int)
  /// The same at each pixel of a picture or voxel of a volume.
  case mask(axis: Int)
  /// A yes or no each, parted at a threshold.
  case flags(threshold: Float)
  /// Whole numbers, such as class numbers or tokens.
  case numbers
  /// Vectors along the last axis whose direction is what counts.
  case embedding
  /// A picture, a sound, anything measured.
  case values

  /// The axis of the classes in a sample, where there is one.
  var classAxis: Int? {
    switch self {
    case .positions(let axis), .mask(let axis): axis
    case .classes, .flags, .numbers, .embedding, .values: nil
    }
  }

  /// What is compared of such outputs where nobody says.
  package var metric: Metric {
    switch self {
    case .classes: .fidelity
    case .positions, .numbers: .agreement
    case .mask: .pixelAgreement
    case .flags: .labelAgreement
    case .embedding: .cosine
    case .values: .r2
    }
  }
}
