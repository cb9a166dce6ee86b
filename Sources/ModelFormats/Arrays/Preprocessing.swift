import TensorCore

/// What is done to stored samples before a model sees them: `y = (x * scale - mean) / std`, mean and std per
/// channel.
package struct Preprocessing: Sendable, Hashable {
  package var scale: Float
  /// Empty for 0, one for all channels, or one for each.
  package var mean: [Float]
  /// Empty for 1, one for all channels, or one for each.
  package var std: [Float]

  package init(scale: Float = 1, mean: [Float] = [], std: [Float] = []) {
    self.scale = scale
    self.mean = mean
    self.std = std
  }

  package var isIdentity: Bool { scale == 1 && mean.allSatisfy { $0 == 0 } && std.allSatisfy { $0 == 1 } }

  /// - Parameter samples: [N, C, ...] or [N, C]; converted to float32.
  /// - Throws: `FormatError.invalidPreprocessing` where the channels differ in number or a value is unusable.
  package func applied(to samples: Tensor) throws -> Tensor {
    let channels = samples.shape.rank > 1 ? samples.shape[1] : 1
    guard scale.isFinite else {
      throw FormatError.invalidPreprocessing(what: "scale", expected: "a finite number", found: "\(scale)")
    }
    let means = try perChannel(mean, "mean", channels, default: 0) { $0.isFinite }
    let deviations = try perChannel(std, "std", channels, default: 1) { $0.isFinite && $0 != 0 }
    let inner = samples.shape.rank > 2 ? samples.shape.dimensions[2...].reduce(1, *) : 1
    let scale = scale
    return samples.floats.withUnsafeBufferPointer { values in
      Tensor(shape: samples.shape, of: Float.self) { target in
        guard !values.isEmpty else { return }
        for start in stride(from: 0, to: values.count, by: inner) {
          let channel = start / inner % channels
          let mean = means[channel]
          let deviation = deviations[channel]
          for index in start..<start + inner {
            target[index] = (values[index] * scale - mean) / deviation
          }
        }
      }
    }
  }

  private func perChannel(
    _ values: [Float], _ what: String, _ channels: Int, default fallback: Float, isUsable: (Float) -> Bool
  ) throws -> [Float] {
    guard values.count <= 1 || values.count == channels else {
      throw FormatError.invalidPreprocessing(
        what: what, expected: "1 value or \(channels), one per channel", found: "\(values.count)")
    }
    if let bad = values.first(where: { !isUsable($0) }) {
      throw FormatError.invalidPreprocessing(
        what: what, expected: "finite numbers, std not zero", found: "\(bad)")
    }
    return values.count == channels ? values : [Float](repeating: values.first ?? fallback, count: channels)
  }
}
