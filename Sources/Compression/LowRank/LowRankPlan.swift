import GraphIR
import Recipes
import TensorCore

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

  /// Whether the factors take fewer bytes than the weight, which may be codes or mostly zeros already.
  /// - Parameters:
  ///   - weight: the layer's as it is.
  ///   - settings: the layer's, which say how it and the factors will be stored.
  func savesBytes(_ weight: Weight, under settings: LayerSettings) -> Bool {
    let width = settings.weightBits.storedBits
    let now = Double(WeightStorage.measure(weight).bytes)
    let isWider = weight.form(under: settings) == nil
    // Of a weight that will be stored narrower, only what that leaves counts.
    let share = isWider ? min(1, width / weight.storedBits) : 1
    return Double(parameters) * width / 8 < now * share
  }

  /// Such as "12 of 48", or "12x6 of 48x24".
  var description: String {
    func joined(_ numbers: [Int]) -> String { numbers.map(String.init).joined(separator: "x") }
    return "\(joined(ranks)) of \(joined(method.code.fullRanks(of: layer)))"
  }
}
