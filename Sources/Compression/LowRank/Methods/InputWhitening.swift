/// A singular value decomposition whose error is that of a layer's output on calibration data (truncation-aware
/// whitening: Wang et al. 2024, arXiv:2403.07378), by the eigenvalues of the inputs' second moments, which need not be
/// definite.
struct InputWhitening: Sendable {
  let size: Int
  /// Eigenvectors of the moments, one per row.
  private let vectors: [Double]
  /// Roots of their eigenvalues, small ones raised so that they can be divided by.
  private let roots: [Double]

  /// Eigenvalues are at least this share of the largest.
  static let floor = 1e-6

  /// - Throws: `CompressionError.indefiniteHessian` where LAPACK gives up.
  init(_ moments: InputMoments, layer: String) throws {
    guard let eigen = DenseAlgebra.eigen(moments.matrix, size: moments.size),
      let largest = eigen.values.last
    else { throw CompressionError.indefiniteHessian(layer: layer) }
    size = moments.size
    vectors = eigen.vectors
    let least = largest > 0 ? Self.floor * largest : 1
    roots = eigen.values.map { max($0, least).squareRoot() }
  }

  /// Decomposes [rows, size], one row per output.
  func factorization(_ values: [Float], rows: Int, layer: String) throws -> Factorization {
    var turned = DenseAlgebra.product(
      values.map(Double.init), vectors, rows, size, size, transposedB: true)
    for index in turned.indices { turned[index] *= roots[index % size] }
    let plain = try turned.map(Float.init).withUnsafeBufferPointer {
      try Factorization($0, rows: rows, columns: size, layer: layer)
    }
    var right = plain.right.map(Double.init)
    for index in right.indices { right[index] /= roots[index % size] }
    return Factorization(
      rows: rows, columns: size, singularValues: plain.singularValues, left: plain.left,
      right: DenseAlgebra.product(right, vectors, plain.rank, size, size).map(Float.init))
  }
}

/// Second moments of what a layer reads, as far as the calibration data can be trusted with them.
///
/// Few rows say little of many inputs: directions that they happen to miss would cost nothing. The moments are therefore
/// drawn towards equal ones in every direction, X^T X (1 - r) + r tr(X^T X) / size I, by the share r that is best for
/// normal data (Chen et al. 2010, "Shrinkage Algorithms for MMSE Covariance Estimation", arXiv:0907.4698, equation 23).
package struct InputMoments: Sendable {
  package let size: Int
  /// [size, size], symmetric; the identity where every input is zero.
  package let matrix: [Double]
  /// The share of equal moments, 0...1.
  package let shrinkage: Double

  /// - Parameters:
  ///   - inputs: of one group, with their Gram matrix.
  ///   - isCentered: about the inputs' means instead of about zero, for a layer whose bias takes up what the means give.
  package init(_ inputs: LayerInputStatistics, isCentered: Bool) {
    precondition(inputs.groups == 1, "the moments are those of one group")
    let size = inputs.inputs
    let rows = Double(max(1, inputs.rows))
    var matrix = inputs.gram.map(Double.init)
    if isCentered {
      for row in 0..<size {
        let share = inputs.sums[row] / rows
        for column in 0..<size { matrix[row * size + column] -= share * inputs.sums[column] }
      }
    }
    let trace = (0..<size).reduce(0) { $0 + matrix[$1 * size + $1] }
    guard trace > 0 else {
      self.size = size
      self.matrix = (0..<size * size).map { $0 % (size + 1) == 0 ? 1 : 0 }
      shrinkage = 1
      return
    }
    let share = Self.shrinkage(
      squares: matrix.reduce(0) { $0 + $1 * $1 }, trace: trace, size: size, rows: inputs.independentRows)
    for index in matrix.indices { matrix[index] *= 1 - share }
    for index in 0..<size { matrix[index * size + index] += share * trace / Double(size) }
    self.size = size
    self.matrix = matrix
    shrinkage = share
  }

  /// - Parameters:
  ///   - squares: the sum of the matrix's squared entries, tr(S^2).
  ///   - rows: independent ones that it was made from.
  static func shrinkage(squares: Double, trace: Double, size: Int, rows: Int) -> Double {
    let size = Double(size)
    let spread = squares - trace * trace / size
    guard spread > 1e-12 * squares else { return 1 }
    let share =
      ((1 - 2 / size) * squares + trace * trace) / ((Double(rows) + 1 - 2 / size) * spread)
    return min(1, max(0, share))
  }
}
