import COpenBLAS
import GraphIR
import TensorCore

/// The singular value decomposition of a weight seen as a matrix, with the root of each singular value on both sides:
/// W = left * right. The first `r` columns of left and rows of right are the best approximation of rank r in the
/// Frobenius norm (Eckart and Young 1936, doi:10.1007/BF02288367), or in the norm that the inputs give.
struct Factorization: Sendable {
  let rows: Int
  let columns: Int
  /// Descending.
  let singularValues: [Float]
  /// [rows, rank], row-major.
  let left: [Float]
  /// [rank, columns], row-major.
  let right: [Float]

  var rank: Int { singularValues.count }

  init(rows: Int, columns: Int, singularValues: [Float], left: [Float], right: [Float]) {
    self.rows = rows
    self.columns = columns
    self.singularValues = singularValues
    self.left = left
    self.right = right
  }

  /// Decomposes a row-major matrix of finite values by LAPACK's sgesdd, on one thread.
  /// - Throws: `CompressionError.matrixTooLarge` or `.decompositionFailed`.
  init(_ values: UnsafeBufferPointer<Float>, rows: Int, columns: Int, layer: String) throws {
    let rank = min(rows, columns)
    guard rank > 0, values.count == rows * columns, values.count <= Int(Int32.max) / 8 else {
      throw CompressionError.matrixTooLarge(layer: layer, rows: rows, columns: columns)
    }
    // A row-major matrix is the transposed column-major one: W^T = U' S V'^T, so that U' read row by row is W's V^T,
    // and V'^T is W's U. Nothing has to be transposed.
    var matrix = Array(values)
    var spectrum = [Float](repeating: 0, count: rank)
    var right = [Float](repeating: 0, count: rank * columns)
    var left = [Float](repeating: 0, count: rows * rank)
    var integers = [Int32](repeating: 0, count: 8 * rank)
    var m = Int32(columns)
    var n = Int32(rows)
    var r = Int32(rank)
    var info: Int32 = 0
    openblas_set_num_threads(1)
    var wanted: Float = 0
    var query: Int32 = -1
    sgesdd_(
      "S", &m, &n, &matrix, &m, &spectrum, &right, &m, &left, &r, &wanted, &query, &integers, &info)
    // Work sizes above 2^24 are rounded when returned as a float: a little more is always enough.
    var size = Int32(clamping: Int(wanted) + Int(wanted) / 1024 + 64)
    var work = [Float](repeating: 0, count: Int(size))
    if info == 0 {
      sgesdd_("S", &m, &n, &matrix, &m, &spectrum, &right, &m, &left, &r, &work, &size, &integers, &info)
    }
    guard info == 0 else { throw CompressionError.decompositionFailed(layer: layer, info: Int(info)) }

    let roots = spectrum.map { max($0, 0).squareRoot() }
    for index in 0..<rank {
      for column in 0..<columns { right[index * columns + column] *= roots[index] }
    }
    for row in 0..<rows {
      for index in 0..<rank { left[row * rank + index] *= roots[index] }
    }
    self.init(rows: rows, columns: columns, singularValues: spectrum, left: left, right: right)
  }

  /// The decomposition of the transposed matrix.
  var transposed: Factorization {
    Factorization(
      rows: columns, columns: rows, singularValues: singularValues,
      left: right.withUnsafeBufferPointer { Transposition.transposed($0, rows: rank, columns: columns) },
      right: left.withUnsafeBufferPointer { Transposition.transposed($0, rows: rows, columns: rank) })
  }

  /// The first `kept` columns of the left factor, [rows, kept].
  func leftFactor(rank kept: Int) -> [Float] {
    [Float](unsafeUninitializedCapacity: rows * kept) { values, count in
      left.withUnsafeBufferPointer { left in
        for row in 0..<rows {
          for index in 0..<kept { values[row * kept + index] = left[row * rank + index] }
        }
      }
      count = rows * kept
    }
  }

  /// The first `kept` rows of the right factor, [kept, columns].
  func rightFactor(rank kept: Int) -> [Float] { Array(right.prefix(kept * columns)) }

  /// The approximation of that rank, [rows, columns].
  func product(rank kept: Int) -> [Float] {
    DenseAlgebra.product(leftFactor(rank: kept), rightFactor(rank: kept), rows, kept, columns)
  }

  /// The least rank that holds a share of the squared singular values.
  func rank(energy share: Double) -> Int {
    Self.count(energy: share, squares: singularValues.map { Double($0) * Double($0) })
  }

  /// How many of some squares, largest first, hold a share of their sum; at least one.
  static func count(energy share: Double, squares: [Double]) -> Int {
    let total = squares.reduce(0, +)
    var sum = 0.0
    for (index, square) in squares.enumerated() {
      sum += square
      if sum >= share * total { return index + 1 }
    }
    return max(1, squares.count)
  }
}
