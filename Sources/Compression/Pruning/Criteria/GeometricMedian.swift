import Recipes

extension PruningCriterion {
  package static let geometricMedian = PruningCriterion(
    "geometric-median",
    MethodNote(
      "Neurons and filters nearest to all others go, which the others can stand for.",
      source: "He et al. 2019, arXiv:1811.00250"),
    channels: .weights { weight, layer in distances(WeightMatrix(weight, layer: layer)) })

  /// The sum of each row's distances to all others: the row with the least is nearest to the geometric median.
  private static func distances(_ matrix: WeightMatrix) -> [Double] {
    let (rows, columns) = (matrix.rows, matrix.columns)
    let products = DenseAlgebra.product(matrix.values, matrix.values, rows, columns, rows, transposedB: true)
    let squares = (0..<rows).map { Double(products[$0 * rows + $0]) }
    return (0..<rows).map { one in
      var sum = 0.0
      for other in 0..<rows {
        let square = squares[one] + squares[other] - 2 * Double(products[one * rows + other])
        sum += max(0, square).squareRoot()
      }
      return sum
    }
  }
}
