import COpenBLAS

/// The Hessian of a layer's own least-squares problem, |W X - W' X|^2: the Gram matrix of what the layer reads, made
/// safe to invert, with its inverse.
///
/// Inputs that are always zero get a diagonal of one, and the diagonal is raised by a share of its mean, as in GPTQ
/// (arXiv:2210.17323); the share is doubled until the matrix is positive definite.
struct LayerHessian: Sendable {
  let size: Int
  /// [size, size], with the raised diagonal.
  let matrix: [Double]
  /// [size, size], symmetric.
  let inverse: [Double]
  /// Which inputs are zero on all calibration data.
  let dead: [Bool]

  static let damping = 0.01

  /// - Parameters:
  ///   - gram: X^T X, [size, size]; its scale does not matter.
  /// - Throws: `CompressionError.indefiniteHessian` where no damping helps, which finite numbers do not bring about.
  init(gram: [Float], size: Int, damping: Double = LayerHessian.damping, layer: String) throws {
    precondition(gram.count == size * size, "a Gram matrix is square")
    var matrix = gram.map(Double.init)
    var dead = [Bool](repeating: false, count: size)
    for index in 0..<size where matrix[index * size + index] <= 0 {
      dead[index] = true
      matrix[index * size + index] = 1
    }
    let mean = (0..<size).reduce(0) { $0 + matrix[$1 * size + $1] } / Double(max(size, 1))
    var share = damping
    for _ in 0..<12 {
      var raised = matrix
      for index in 0..<size { raised[index * size + index] += share * mean }
      if let inverse = Self.inverse(of: raised, size: size) {
        self.size = size
        self.matrix = raised
        self.inverse = inverse
        self.dead = dead
        return
      }
      share = max(2 * share, 1e-6)
    }
    throw CompressionError.indefiniteHessian(layer: layer)
  }

  /// U, upper and row-major, with inverse = U^T U; what is below its diagonal is not defined.
  func upperFactor() -> [Float]? {
    var factor = inverse
    var (n, info) = (Int32(size), Int32(0))
    openblas_set_num_threads(1)
    // Column-major lower L with L L^T: read row by row it is U = L^T.
    dpotrf_("L", &n, &factor, &n, &info)
    return info == 0 ? factor.map(Float.init) : nil
  }

  private static func inverse(of matrix: [Double], size: Int) -> [Double]? {
    guard size > 0 else { return [] }
    var inverse = matrix
    var (n, info) = (Int32(size), Int32(0))
    openblas_set_num_threads(1)
    dpotrf_("L", &n, &inverse, &n, &info)
    guard info == 0 else { return nil }
    dpotri_("L", &n, &inverse, &n, &info)
    guard info == 0 else { return nil }
    // Only the column-major lower triangle, which is the row-major upper one, is written.
    for row in 0..<size {
      for column in 0..<row { inverse[row * size + column] = inverse[column * size + row] }
    }
    return inverse.allSatisfy(\.isFinite) ? inverse : nil
  }
}
