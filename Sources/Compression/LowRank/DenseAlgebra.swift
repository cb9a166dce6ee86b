import COpenBLAS

/// Row-major dense products and solutions by OpenBLAS, on one thread.
///
/// BLAS is column-major: a row-major matrix is its transposed column-major one, so that C = A B is asked for as
/// C^T = B^T A^T and nothing is moved.
enum DenseAlgebra {
  /// `c` [m, n] = alpha * `a` [m, k] (or its transpose, stored [k, m]) times `b` [k, n] (stored [n, k] if transposed)
  /// + beta * `c`. Leading dimensions are the distances between rows as stored.
  static func multiply(
    _ m: Int, _ n: Int, _ k: Int, alpha: Float = 1, _ a: UnsafePointer<Float>, stride aStride: Int,
    transposed aTransposed: Bool = false, _ b: UnsafePointer<Float>, stride bStride: Int,
    transposed bTransposed: Bool = false, beta: Float = 0, into c: UnsafeMutablePointer<Float>,
    stride cStride: Int
  ) {
    guard m > 0, n > 0, k > 0 else { return }
    openblas_set_num_threads(1)
    var (rows, columns, inner) = (Int32(n), Int32(m), Int32(k))
    var (first, second, result) = (Int32(bStride), Int32(aStride), Int32(cStride))
    var (scale, kept) = (alpha, beta)
    sgemm_(
      bTransposed ? "T" : "N", aTransposed ? "T" : "N", &rows, &columns, &inner, &scale, b, &first, a,
      &second,
      &kept, c, &result)
  }

  /// The product [m, n] of row-major arrays.
  static func product(
    _ a: [Float], _ b: [Float], _ m: Int, _ k: Int, _ n: Int, transposedA aTransposed: Bool = false,
    transposedB bTransposed: Bool = false
  ) -> [Float] {
    var c = [Float](repeating: 0, count: m * n)
    c.withUnsafeMutableBufferPointer { c in
      guard let base = c.baseAddress else { return }
      a.withUnsafeBufferPointer { a in
        b.withUnsafeBufferPointer { b in
          guard let a = a.baseAddress, let b = b.baseAddress else { return }
          multiply(
            m, n, k, a, stride: aTransposed ? m : k, transposed: aTransposed, b,
            stride: bTransposed ? k : n, transposed: bTransposed, into: base, stride: n)
        }
      }
    }
    return c
  }

  /// The product [m, n] of row-major arrays, in double precision.
  static func product(
    _ a: [Double], _ b: [Double], _ m: Int, _ k: Int, _ n: Int, transposedA aTransposed: Bool = false,
    transposedB bTransposed: Bool = false
  ) -> [Double] {
    var c = [Double](repeating: 0, count: m * n)
    guard m > 0, n > 0, k > 0 else { return c }
    openblas_set_num_threads(1)
    var (rows, columns, inner) = (Int32(n), Int32(m), Int32(k))
    var (first, second) = (Int32(bTransposed ? k : n), Int32(aTransposed ? m : k))
    var (one, zero) = (1.0, 0.0)
    dgemm_(
      bTransposed ? "T" : "N", aTransposed ? "T" : "N", &rows, &columns, &inner, &one, b, &first, a, &second,
      &zero, &c, &rows)
    return c
  }

  /// Eigenvalues, ascending, and eigenvectors of a symmetric matrix, one per row of the second result; nil where
  /// LAPACK's dsyevd gives up.
  static func eigen(_ matrix: [Double], size: Int) -> (values: [Double], vectors: [Double])? {
    guard size > 0, matrix.count == size * size, matrix.count <= Int(Int32.max) / 4 else { return nil }
    openblas_set_num_threads(1)
    var vectors = matrix
    var values = [Double](repeating: 0, count: size)
    var (n, info, query) = (Int32(size), Int32(0), Int32(-1))
    var (wanted, wantedIntegers) = (0.0, Int32(0))
    dsyevd_("V", "L", &n, &vectors, &n, &values, &wanted, &query, &wantedIntegers, &query, &info)
    guard info == 0 else { return nil }
    var (count, integerCount) = (Int32(clamping: Int(wanted)), wantedIntegers)
    var work = [Double](repeating: 0, count: max(1, Int(count)))
    var integers = [Int32](repeating: 0, count: max(1, Int(integerCount)))
    dsyevd_("V", "L", &n, &vectors, &n, &values, &work, &count, &integers, &integerCount, &info)
    return info == 0 ? (values, vectors) : nil
  }

  /// The solutions of A x = b for a symmetric positive definite A and each b of one or more rows; nil where A is not.
  static func solve(_ matrix: [Double], _ right: [Double]) -> [Double]? {
    let size = Int(Double(matrix.count).squareRoot().rounded())
    guard !right.isEmpty, size > 0, right.count % size == 0 else { return [] }
    openblas_set_num_threads(1)
    var (matrix, solution) = (matrix, right)
    var (n, count, info) = (Int32(size), Int32(right.count / size), Int32(0))
    dposv_("L", &n, &count, &matrix, &n, &solution, &n, &info)
    return info == 0 ? solution : nil
  }
}
