/// A matrix as factors of low rank plus a few single values, found by turns (Zhou, Tao 2011, "GoDec", ICML): the factors
/// of what the values leave, then the largest values of what the factors leave.
struct SparseResidual {
  /// Values other than zero in the residual.
  let count: Int

  static let turns = 8

  /// - Parameter decompose: the full decomposition of values in the order of `values`.
  func split(
    _ values: [Float], rank: Int, decompose: ([Float]) throws -> Factorization, step: () throws -> Void
  ) throws -> (factors: Factorization, residual: [Float]) {
    var factors = try decompose(values)
    var residual = largest(of: values, minus: factors.product(rank: rank))
    for _ in 1..<Self.turns {
      try step()
      factors = try decompose(zip(values, residual).map { $0 - $1 })
      residual = largest(of: values, minus: factors.product(rank: rank))
    }
    return (factors, residual)
  }

  private func largest(of values: [Float], minus approximation: [Float]) -> [Float] {
    var rest = zip(values, approximation).map { $0 - $1 }
    let magnitudes = rest.map(\.magnitude)
    magnitudes.withUnsafeBufferPointer { magnitudes in
      SmallestSelection.forEach(max(0, rest.count - count), smallestOf: magnitudes) { rest[$0] = 0 }
    }
    return rest
  }
}
