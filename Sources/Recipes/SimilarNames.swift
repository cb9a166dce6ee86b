/// Names that a mistyped one may have meant.
package enum SimilarNames {
  /// Up to three names that contain it, or are contained in it, or are within a third of its length in edits.
  package static func closest(to name: String, in names: [String]) -> [String] {
    let wanted = name.lowercased()
    let scored = names.compactMap { candidate -> (name: String, distance: Int)? in
      let other = candidate.lowercased()
      if !wanted.isEmpty, other.contains(wanted) || wanted.contains(other) { return (candidate, 0) }
      let distance = editDistance(Array(wanted.unicodeScalars), Array(other.unicodeScalars))
      return distance <= max(2, wanted.unicodeScalars.count / 3) ? (candidate, distance) : nil
    }
    return scored.sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }.prefix(3).map(\.name)
  }

  /// Levenshtein distance.
  private static func editDistance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
    var row = Array(0...right.count)
    for (i, scalar) in left.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, other) in right.enumerated() {
        let substituted = diagonal + (scalar == other ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(substituted, row[j] + 1, diagonal + 1)
      }
    }
    return row[right.count]
  }
}
