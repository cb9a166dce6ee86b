import Foundation
import GraphIR
import Recipes
import TensorCore

extension FactorizationMethod {
  package static let canonicalPolyadic = FactorizationMethod(
    "cp",
    MethodNote(
      "A convolution becomes 1x1, one window per channel and 1x1 (CP decomposition); other layers go by svd.",
      source: "Lebedev et al. 2015, arXiv:1412.6553; Astrid, Lee 2017, arXiv:1701.07148", isHeavy: true),
    ConvolutionCP())
}

/// A 1x1 convolution to `rank` channels, a depthwise one of the layer's window, and a 1x1 convolution to its outputs. The
/// places of the window are one axis, as in Astrid, Lee 2017.
private struct ConvolutionCP: LayerFactorization {
  var pieces: Int { 3 }

  func applies(to layer: Layer) -> Bool {
    layer.form == .conv && layer.shape.dimensions.dropFirst(2).contains { $0 > 1 }
  }

  /// The rank with which almost every tensor of that shape is exact, where its numbers are as many as the tensor's
  /// (Chiantini et al. 2014, doi:10.1137/140961389).
  func fullRanks(of layer: Layer) -> [Int] {
    let (n, c, k) = sizes(layer)
    let expected = (n * c * k + n + c + k - 3) / max(1, n + c + k - 2)
    return [max(1, min(expected, n * c, n * k, c * k))]
  }

  func parameters(of layer: Layer, ranks: [Int]) -> Int {
    let (n, c, k) = sizes(layer)
    return ranks[0] * (n + c + k)
  }

  /// By halving: the share is what the factors leave none of.
  func ranks(energy share: Double, of source: FactorSource) throws -> [Int] {
    var (low, high) = (1, fullRanks(of: source.layer)[0])
    while low < high {
      let middle = (low + high) / 2
      if try factors(middle, source).energy >= share { high = middle } else { low = middle + 1 }
    }
    return [low]
  }

  func tensors(ranks: [Int], residual: Int, of source: FactorSource) throws -> [Tensor] {
    let found = try factors(ranks[0], source).factors
    let window = Array(source.layer.shape.dimensions.dropFirst(2))
    let single = window.map { _ in 1 }
    let (n, c, k) = sizes(source.layer)
    let rank = ranks[0]
    func rows(_ factor: [Double], _ count: Int) -> [Float] {
      factor.map { Float($0) }.withUnsafeBufferPointer {
        Transposition.transposed($0, rows: count, columns: rank)
      }
    }
    return [
      try Tensor(shape: Shape(known: [rank, c] + single), rows(found[1], c)),
      try Tensor(shape: Shape(known: [rank, 1] + window), rows(found[2], k)),
      try Tensor(shape: Shape(known: [n, rank] + single), found[0].map { Float($0) }),
    ]
  }

  func attributes(
    of node: Node, piece index: Int, ranks: [Int], single: [String: Attribute]
  ) -> [String: Attribute] {
    guard index == 1 else { return single }
    var attributes = node.attributes
    attributes["group"] = .int(ranks[0])
    return attributes
  }

  /// Outputs, inputs and places of the window.
  private func sizes(_ layer: Layer) -> (Int, Int, Int) {
    (layer.outputs, layer.shape[1], layer.inputs / max(1, layer.shape[1]))
  }

  private func factors(_ rank: Int, _ source: FactorSource) throws -> CanonicalPolyadic {
    let (n, c, k) = sizes(source.layer)
    guard
      let found = try CanonicalPolyadic(
        source.values.map(Double.init), sizes: [n, c, k], rank: rank,
        seed: StableHash.of(source.layer.weightName), step: Task.checkCancellation)
    else { throw CompressionError.decompositionFailed(layer: source.tracked.origin, info: 0) }
    return found
  }
}

/// A tensor of three axes as a sum of products of three vectors (Kolda, Bader 2009, doi:10.1137/07070111X, section 3).
struct CanonicalPolyadic {
  /// [size, rank] of each axis; the vectors of one product have the same norm.
  let factors: [[Double]]
  /// The share of the tensor's squares that the sum holds.
  let energy: Double

  static let mostSweeps = 100

  /// By alternating least squares, from random vectors, until a sweep gains less than a part in 10^5 of the squares. Each
  /// solution is drawn towards the one before it by a little, which keeps products from growing against each other
  /// without end (Navasca et al. 2008, EUSIPCO).
  /// - Parameters:
  ///   - values: row-major, the last axis innermost.
  ///   - step: called before each sweep.
  /// - Returns: nil where LAPACK gives up.
  init?(_ values: [Double], sizes: [Int], rank: Int, seed: UInt64, step: () throws -> Void) rethrows {
    let unfolded = Self.unfolded(values, sizes)
    let whole = values.reduce(0) { $0 + $1 * $1 }
    var random = SeededGenerator(seed: seed)
    var factors = sizes.map { size in (0..<size * rank).map { _ in Double(random.normal()) } }
    var energy = 0.0
    for _ in 0..<Self.mostSweeps {
      try step()
      var missed = 0.0
      for axis in 0..<3 {
        let (first, second) = axis == 0 ? (1, 2) : axis == 1 ? (0, 2) : (0, 1)
        let grams = [first, second].map { Self.gram(factors[$0], sizes[$0], rank) }
        var matrix = zip(grams[0], grams[1]).map { $0 * $1 }
        let products = DenseAlgebra.product(
          unfolded[axis], Self.pairs(factors[first], factors[second], rank), sizes[axis],
          sizes[first] * sizes[second], rank)
        let pull = 1e-5 * (0..<rank).reduce(0) { $0 + matrix[$1 * rank + $1] } / Double(rank)
        let plain = matrix
        for index in 0..<rank { matrix[index * rank + index] += pull }
        guard let found = DenseAlgebra.solve(matrix, zip(products, factors[axis]).map { $0 + pull * $1 })
        else {
          return nil
        }
        factors[axis] = found
        guard axis == 2 else { continue }
        let own = zip(Self.gram(found, sizes[axis], rank), plain).reduce(0) { $0 + $1.0 * $1.1 }
        missed = max(0, whole - 2 * zip(found, products).reduce(0) { $0 + $1.0 * $1.1 } + own)
      }
      let before = energy
      energy = whole > 0 ? 1 - missed / whole : 1
      if energy - before < 1e-5 { break }
    }
    self.energy = energy
    self.factors = Self.balanced(factors, rank)
  }

  /// The tensor as matrices of one row per index along each axis.
  private static func unfolded(_ values: [Double], _ sizes: [Int]) -> [[Double]] {
    let (n, c, k) = (sizes[0], sizes[1], sizes[2])
    let inner = values.withUnsafeBufferPointer { Transposition.transposed($0, rows: n * c, columns: k) }
    return [values, TuckerWeight.inputsFirst(values, outputs: n, inputs: c, window: k), inner]
  }

  /// All products of an entry of one factor and one of the other, [size * size, rank].
  private static func pairs(_ one: [Double], _ other: [Double], _ rank: Int) -> [Double] {
    var result: [Double] = []
    result.reserveCapacity(one.count * other.count / max(1, rank))
    for outer in stride(from: 0, to: one.count, by: rank) {
      for inner in stride(from: 0, to: other.count, by: rank) {
        for index in 0..<rank { result.append(one[outer + index] * other[inner + index]) }
      }
    }
    return result
  }

  private static func gram(_ factor: [Double], _ size: Int, _ rank: Int) -> [Double] {
    DenseAlgebra.product(factor, factor, rank, size, rank, transposedA: true)
  }

  /// Vectors of one product brought to one norm, so that none is hard to store in few bits.
  private static func balanced(_ factors: [[Double]], _ rank: Int) -> [[Double]] {
    var result = factors
    for index in 0..<rank {
      let norms = factors.map { factor in
        stride(from: index, to: factor.count, by: rank).reduce(0) { $0 + factor[$1] * factor[$1] }
          .squareRoot()
      }
      let product = norms.reduce(1, *)
      guard product > 0, product.isFinite else { continue }
      let common = cbrt(product)
      for axis in result.indices {
        for place in stride(from: index, to: result[axis].count, by: rank) {
          result[axis][place] *= common / norms[axis]
        }
      }
    }
    return result
  }
}
