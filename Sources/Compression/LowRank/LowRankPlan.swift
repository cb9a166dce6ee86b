import GraphIR
import TensorCore

/// How one layer is to be factorized: the shapes of the pieces, known before their values are.
struct LowRankPlan {
  let layer: Layer
  /// What is carried out: layers without a window go by svd.
  let method: FactorizationMethod
  /// One number, or outputs and inputs for Tucker-2.
  let ranks: [Int]
  /// The most that each could be.
  let full: [Int]
  /// Weights of a sparse residual beside the factors.
  let residual: Int

  /// Weights that are stored.
  var parameters: Int { Self.parameters(layer, method, ranks) + residual }

  var saves: Bool { parameters < layer.parameters }

  /// Such as "12 of 48", or "12x6 of 48x24".
  var description: String {
    func joined(_ numbers: [Int]) -> String { numbers.map(String.init).joined(separator: "x") }
    return "\(joined(ranks)) of \(joined(full))"
  }

  static func parameters(_ layer: Layer, _ method: FactorizationMethod, _ ranks: [Int]) -> Int {
    switch method {
    case .svd, .activationSVD: return ranks[0] * (layer.outputs + layer.inputs)
    case .spatial:
      let (channels, window) = (layer.shape[1], layer.shape.dimensions.suffix(2))
      return ranks[0] * (channels * (window.first ?? 1) + layer.outputs * (window.last ?? 1))
    case .tucker:
      let channels = layer.shape[1]
      return Tucker.parameters(
        outputs: layer.outputs, inputs: channels, window: layer.inputs / channels, outputRank: ranks[0],
        inputRank: ranks[1])
    }
  }

  /// The most that ranks can be.
  static func full(_ layer: Layer, _ method: FactorizationMethod) -> [Int] {
    switch method {
    case .svd, .activationSVD: return [min(layer.outputs, layer.inputs)]
    case .spatial:
      let (channels, window) = (layer.shape[1], layer.shape.dimensions.suffix(2))
      return [min(channels * (window.first ?? 1), layer.outputs * (window.last ?? 1))]
    case .tucker: return [layer.outputs, layer.shape[1]]
    }
  }

  /// Whether a method means something of its own for a layer.
  static func applies(_ method: FactorizationMethod, to layer: Layer) -> Bool {
    switch method {
    case .svd, .activationSVD: true
    case .spatial: layer.form == .conv && layer.shape.rank == 4 && layer.shape[2] > 1 && layer.shape[3] > 1
    case .tucker: layer.form == .conv && layer.shape.dimensions.dropFirst(2).contains { $0 > 1 }
    }
  }

  /// Ranks at a share of the full ones.
  static func ranks(ratio: Double, _ full: [Int]) -> [Int] {
    full.map { min($0, max(1, Int((ratio * Double($0)).rounded()))) }
  }

  /// The largest ranks whose pieces hold at most a share of the layer's weights; at least one.
  static func ranks(parameters share: Double, _ layer: Layer, _ method: FactorizationMethod) -> [Int] {
    let full = full(layer, method)
    let budget = Int(share * Double(layer.parameters))
    let most = full.max() ?? 1
    var best = full.map { _ in 1 }
    var (low, high) = (1, most)
    // Ranks in proportion to the full ones: what they hold rises with their size.
    while low <= high {
      let middle = (low + high) / 2
      let ranks = full.map { max(1, $0 * middle / most) }
      if parameters(layer, method, ranks) <= budget {
        best = ranks
        low = middle + 1
      } else {
        high = middle - 1
      }
    }
    return best
  }
}
