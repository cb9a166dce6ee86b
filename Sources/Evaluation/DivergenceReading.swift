/// How far a compressed model's output is from the original's on the same calibration samples.
package struct DivergenceReading: Codable, Hashable, Sendable {
  /// Norm of the difference of all outputs over the norm of the original's: 0 where nothing changed. Infinite where
  /// the original's are all zero or the compressed model's are no numbers.
  package var relativeError: Double
  /// Share of answers (largest output of a row) that differ from the original's; nil where a row has no two outputs.
  package var changedAnswers: Double?
  package var samples: Int
  /// Name of the data.
  package var data: String

  package init(relativeError: Double, changedAnswers: Double?, samples: Int, data: String) {
    self.relativeError = relativeError
    self.changedAnswers = changedAnswers
    self.samples = samples
    self.data = data
  }
}

extension DivergenceReading {
  /// Compares outputs of `samples` samples each, classes along the rows of length `classes`.
  init(original: [Float], compressed: [Float], classes: Int, samples: Int, data: String) {
    var difference = 0.0
    var norm = 0.0
    for (one, other) in zip(original, compressed) {
      difference += (Double(one) - Double(other)) * (Double(one) - Double(other))
      norm += Double(one) * Double(one)
    }
    let error = norm > 0 ? (difference / norm).squareRoot() : difference > 0 ? .infinity : 0
    self.init(
      relativeError: error.isNaN ? .infinity : error,
      changedAnswers: Self.changedAnswers(original, compressed, classes), samples: samples, data: data)
  }

  private static func changedAnswers(_ original: [Float], _ compressed: [Float], _ classes: Int) -> Double? {
    guard classes > 1, !original.isEmpty, original.count == compressed.count else { return nil }
    let rows = original.count / classes
    let changed = (0..<rows).count { row in
      let range = row * classes..<(row + 1) * classes
      return largest(original[range]) != largest(compressed[range])
    }
    return Double(changed) / Double(rows)
  }

  /// Offset of the largest value; nil where one is no number.
  private static func largest(_ row: ArraySlice<Float>) -> Int? {
    var best = row.startIndex
    for index in row.indices {
      if row[index].isNaN { return nil }
      if row[index] > row[best] { best = index }
    }
    return best - row.startIndex
  }
}
