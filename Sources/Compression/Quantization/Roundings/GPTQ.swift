import Recipes
import TensorCore

extension RoundingMethod {
  package static let gptq = RoundingMethod(
    "gptq",
    MethodNote(
      "Rounds column by column; columns still free make up for the error in the layer's output.",
      needs: .calibrationData, source: "Frantar et al. 2023, arXiv:2210.17323", isHeavy: true),
    codes: .inputs { try GPTQ(isOrdered: false).codes($0) })

  package static let gptqOrdered = RoundingMethod(
    "gptq-ordered",
    MethodNote(
      "GPTQ that takes the inputs with the most energy first, with the scales of the weights as they were.",
      needs: .calibrationData, source: "Frantar et al. 2023, arXiv:2210.17323 (act-order)", isHeavy: true),
    codes: .inputs { try GPTQ(isOrdered: true).codes($0) })
}

/// Rounds a layer's weights column by column, and lets the columns that are still free make up for each error.
///
/// Frantar et al. 2023, "GPTQ" (arXiv:2210.17323). Weights that are zero stay zero, and their share of the error is
/// passed on as well (as in SparseGPT, arXiv:2301.00774).
struct GPTQ {
  /// Columns with the largest Hessian diagonal first ("act-order"), each group's scale from the weights as they are
  /// given; otherwise from left to right, each group's scale when its first column comes up.
  let isOrdered: Bool

  /// - Throws: `CompressionError.indefiniteHessian`, `CancellationError`.
  func codes(_ problem: RoundingProblem) throws -> CodeMatrix {
    var rounding = ColumnRounding(problem, updatesGrids: !isOrdered)
    let (perGroup, columns) = (problem.rows / problem.groups, problem.columns)
    for group in 0..<problem.groups {
      try Task.checkCancellation()
      let gram = Array(problem.gram[group * columns * columns..<(group + 1) * columns * columns])
      let order = order(gram, columns)
      let isPermuted = isOrdered && columns > 1
      let hessian = try LayerHessian(
        gram: isPermuted ? permuted(gram, order) : gram, size: columns, damping: problem.damping,
        layer: problem.layer)
      let walk = try ColumnWalk(hessian, rows: perGroup, layer: problem.layer)
      var weights = rounding.begin(rows: group * perGroup..<(group + 1) * perGroup, order: order)
      try walk.run(&weights, &rounding) { _ in try Task.checkCancellation() }
    }
    return rounding.result
  }

  /// Columns in the order in which they are rounded.
  private func order(_ gram: [Float], _ columns: Int) -> [Int] {
    let all = Array(0..<columns)
    guard isOrdered else { return all }
    return all.sorted { left, right in
      let (first, second) = (gram[left * columns + left], gram[right * columns + right])
      return first != second ? first > second : left < right
    }
  }

  private func permuted(_ gram: [Float], _ order: [Int]) -> [Float] {
    let size = order.count
    return [Float](unsafeUninitializedCapacity: gram.count) { target, count in
      for row in 0..<size {
        for column in 0..<size { target[row * size + column] = gram[order[row] * size + order[column]] }
      }
      count = gram.count
    }
  }
}

/// Settles each weight on the nearest code of its grid.
private struct ColumnRounding: ColumnDecision {
  private let problem: RoundingProblem
  private let quantizer: WeightQuantizer
  /// Whether a group of columns gets its grid when its first column comes up.
  private let updatesGrids: Bool
  private(set) var result: CodeMatrix
  /// The rows under way, the order of their columns, and which of their weights are zero, in that order.
  private var firstRow = 0
  private var order: [Int] = []
  private var isZero: [Bool] = []

  init(_ problem: RoundingProblem, updatesGrids: Bool) {
    self.problem = problem
    let quantizer = WeightQuantizer(scheme: problem.scheme)
    self.quantizer = quantizer
    result = problem.weights.withUnsafeBufferPointer {
      quantizer.matrix($0, rows: problem.rows, columns: problem.columns)
    }
    self.updatesGrids = updatesGrids && result.groups > 1
  }

  /// Turns to some rows; returns their weights, columns in the order in which they are rounded.
  mutating func begin(rows: Range<Int>, order: [Int]) -> [Float] {
    let columns = problem.columns
    var weights = [Float](repeating: 0, count: rows.count * columns)
    for row in 0..<rows.count {
      let start = (rows.lowerBound + row) * columns
      for place in 0..<columns { weights[row * columns + place] = problem.weights[start + order[place]] }
    }
    firstRow = rows.lowerBound
    self.order = order
    isZero = weights.map { $0 == 0 }
    return weights
  }

  mutating func settled(_ row: Int, _ place: Int, _ weights: UnsafePointer<Float>) -> Float {
    let (output, column, columns) = (firstRow + row, order[place], problem.columns)
    if updatesGrids, column % result.groupSize == 0 {
      // What earlier columns did to this group is in already.
      let group = UnsafeBufferPointer(
        start: weights + column, count: min(result.groupSize, columns - column))
      result.grids[output * result.groups + column / result.groupSize] = quantizer.grid(group)
    }
    let grid = result.grids[result.gridIndex(output, column)]
    let code =
      isZero[row * columns + place] && problem.scheme.bits != .binary
      ? Int8(truncatingIfNeeded: grid.zeroPoint) : quantizer.nearest(weights[place], grid)
    result.codes[output * columns + column] = code
    return quantizer.decoded(code, grid)
  }
}
