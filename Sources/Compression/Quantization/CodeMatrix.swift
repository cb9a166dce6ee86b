import TensorCore

/// Codes of a weight seen as a matrix of one row per output, on the way to a `QuantizedTensor`.
struct CodeMatrix: Sendable {
  let rows: Int
  let columns: Int
  let scheme: CodeScheme
  /// [rows, columns].
  var codes: [Int8]
  /// [rows, groups], or one for all.
  var grids: [CodeGrid]

  init(rows: Int, columns: Int, scheme: CodeScheme) {
    self.rows = rows
    self.columns = columns
    self.scheme = scheme
    codes = [Int8](repeating: 0, count: rows * columns)
    let groups = CodeMatrix.groups(columns, scheme)
    grids = [CodeGrid](repeating: CodeGrid(scale: 1), count: scheme.isPerTensor ? 1 : rows * groups)
  }

  static func groups(_ columns: Int, _ scheme: CodeScheme) -> Int {
    scheme.groupSize.map { max(1, (columns + $0 - 1) / $0) } ?? 1
  }

  /// Groups of one row.
  var groups: Int { CodeMatrix.groups(columns, scheme) }

  /// Columns that share a scale.
  var groupSize: Int { scheme.groupSize ?? max(1, columns) }

  func gridIndex(_ row: Int, _ column: Int) -> Int {
    scheme.isPerTensor ? 0 : row * groups + column / groupSize
  }

  /// The values that the codes stand for, [rows, columns].
  var values: [Float] {
    let levels = scheme.format.levels
    let lowest = scheme.bits.codeRange.lowerBound
    return [Float](unsafeUninitializedCapacity: codes.count) { values, count in
      for row in 0..<rows {
        for group in 0..<groups {
          let grid = grids[scheme.isPerTensor ? 0 : row * groups + group]
          let first = row * columns + group * groupSize
          for index in first..<min(first + groupSize, (row + 1) * columns) {
            values[index] =
              levels.isEmpty
              ? grid.scale * Float(Int32(codes[index]) - grid.zeroPoint)
              : grid.scale * levels[Int(codes[index]) - lowest]
          }
        }
      }
      count = codes.count
    }
  }

  /// The tensor in the order of the weight.
  /// - Parameter outputAxis: 0, or 1 for a weight [columns, rows].
  func tensor(shape: Shape, outputAxis: Int) throws -> QuantizedTensor {
    let stored =
      outputAxis == 0
      ? codes
      : codes.withUnsafeBufferPointer { Transposition.transposed($0, rows: rows, columns: columns) }
    return try QuantizedTensor(
      shape: shape, bits: scheme.bits, axis: scheme.isPerTensor ? nil : outputAxis,
      groupSize: scheme.isPerTensor || groups == 1 ? nil : scheme.groupSize, format: scheme.format,
      scales: grids.map(\.scale), scaleStorage: scheme.scaleStorage,
      zeroPoints: scheme.isAsymmetric ? grids.map(\.zeroPoint) : [], codes: stored)
  }
}
