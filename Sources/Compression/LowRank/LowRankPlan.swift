import GraphIR

/// How one layer is to be factorized: the shapes of the pieces, known before their values are.
struct LowRankPlan {
  let layer: Layer
  /// What is carried out: svd where the method asked for means nothing for the layer.
  let method: FactorizationMethod
  /// One number, or outputs and inputs for Tucker-2.
  let ranks: [Int]
  /// Weights of a sparse residual beside the factors.
  let residual: Int

  /// Weights that are stored.
  var parameters: Int { method.code.parameters(of: layer, ranks: ranks) + residual }

  var saves: Bool { parameters < layer.parameters }

  /// Such as "12 of 48", or "12x6 of 48x24".
  var description: String {
    func joined(_ numbers: [Int]) -> String { numbers.map(String.init).joined(separator: "x") }
    return "\(joined(ranks)) of \(joined(method.code.fullRanks(of: layer)))"
  }
}
