import GraphIR
import Recipes
import TensorCore

extension FactorizationMethod {
  package static let svd = FactorizationMethod(
    "svd",
    MethodNote(
      "Two thin products by singular values; a convolution becomes one of fewer filters and a 1x1.",
      source: "Eckart, Young 1936, doi:10.1007/BF02288367; Zhang et al. 2016, doi:10.1109/TPAMI.2015.2502579"),
    SVD())
}

/// Two factors of the weight as a matrix.
private struct SVD: MatrixFactorization {
  func decompose(_ values: [Float], of source: FactorSource) throws -> Factorization {
    try source.plainFactors(values)
  }
}

/// A factorization of the weight as a matrix into two: a convolution becomes one of the same window with `rank` filters
/// and a 1x1 behind it.
protocol MatrixFactorization: LayerFactorization {
  /// The full decomposition of values in the order of the weight.
  func decompose(_ values: [Float], of source: FactorSource) throws -> Factorization
}

extension MatrixFactorization {
  var takesResidual: Bool { true }
  var pieces: Int { 2 }

  func fullRanks(of layer: Layer) -> [Int] { [min(layer.outputs, layer.inputs)] }

  func parameters(of layer: Layer, ranks: [Int]) -> Int { ranks[0] * (layer.outputs + layer.inputs) }

  func ranks(energy share: Double, of source: FactorSource) throws -> [Int] {
    [try full(source).rank(energy: share)]
  }

  func tensors(ranks: [Int], residual: Int, of source: FactorSource) throws -> [Tensor] {
    guard residual > 0 else { return try matrices(try full(source), rank: ranks[0], of: source) }
    let split = try SparseResidual(count: residual).split(
      source.values, rank: ranks[0], decompose: { try decompose($0, of: source) },
      step: Task.checkCancellation)
    return try matrices(split.factors, rank: ranks[0], of: source)
      + [Tensor(shape: source.layer.shape, split.residual)]
  }

  /// The window, its stride and its padding belong to the first; the second sees single positions.
  func attributes(
    of node: Node, piece index: Int, ranks: [Int], single: [String: Attribute]
  ) -> [String: Attribute] {
    index == 0 ? node.attributes : single
  }

  /// What two factors, and perhaps a residual, are together.
  func joined(_ pieces: [Tensor], of source: FactorSource) throws -> WeightMatrix {
    let layer = source.layer
    let (first, second) = (pieces[0], pieces[1])
    let rank = layer.outputAxis == 0 ? first.shape[0] : first.shape[1]
    // Stored order: the left factor is the second piece where outputs come first.
    let (left, right) = layer.outputAxis == 0 ? (second, first) : (first, second)
    var values = DenseAlgebra.product(left.floats, right.floats, source.rows, rank, source.columns)
    if pieces.count > 2 { values = zip(values, pieces[2].floats).map { $0 + $1 } }
    return WeightMatrix(.dense(try Tensor(shape: layer.shape, values)), layer: layer)
  }

  private func full(_ source: FactorSource) throws -> Factorization {
    try source.kept { try decompose(source.values, of: source) }
  }

  /// Outputs along axis 0: W x = left (right x). Outputs along axis 1: x W = (x left) right. Rows that are looked up come
  /// first of all.
  private func matrices(_ full: Factorization, rank: Int, of source: FactorSource) throws -> [Tensor] {
    let layer = source.layer
    let window = layer.shape.dimensions.dropFirst(2)
    let left = try Tensor(
      shape: Shape(known: [source.rows, rank] + window.map { _ in 1 }), full.leftFactor(rank: rank))
    let inner = layer.form == .conv ? Array(layer.shape.dimensions.dropFirst()) : [source.columns]
    let right = try Tensor(shape: Shape(known: [rank] + inner), full.rightFactor(rank: rank))
    return layer.outputAxis == 0 && layer.form != .gather ? [right, left] : [left, right]
  }
}

extension FactorSource {
  /// By singular values alone, of values in the order of the weight.
  func plainFactors(_ values: [Float]) throws -> Factorization {
    try values.withUnsafeBufferPointer {
      try Factorization($0, rows: rows, columns: columns, layer: tracked.origin)
    }
  }
}
