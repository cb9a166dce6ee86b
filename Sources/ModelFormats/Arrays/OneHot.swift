import TensorCore

/// Labels that are written with a column for each class.
package enum OneHot {
  /// The place of the one 1 among zeros in each row, int64 [N]; nil where a row of [N, classes] is anything else.
  static func numbers(_ labels: Tensor) throws -> Tensor? {
    let columns = columns(of: labels)
    guard columns > 1, isBinary(labels) else { return nil }
    let values = labels.floats
    var numbers: [Int64] = []
    for start in stride(from: 0, to: values.count, by: columns) {
      let ones = (0..<columns).filter { values[start + $0] == 1 }
      guard ones.count == 1 else { return nil }
      numbers.append(Int64(ones[0]))
    }
    return try Tensor(shape: Shape([numbers.count]), numbers)
  }

  /// Whether labels [N, classes] are all 0 or 1.
  package static func isBinary(_ labels: Tensor) -> Bool {
    columns(of: labels) > 1 && labels.floats.allSatisfy { $0 == 0 || $0 == 1 }
  }

  /// Classes of each sample.
  package static func columns(of labels: Tensor) -> Int {
    guard labels.shape.rank > 1, labels.shape[0] > 0 else { return 0 }
    return labels.count / labels.shape[0]
  }
}
