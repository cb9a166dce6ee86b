import GraphIR
import Recipes
import TensorCore

/// What a full decomposition depends on.
struct FactorKey: Hashable, Sendable {
  let state: LayerState
  let method: FactorizationMethod
  /// The states of all layers, where what the layer reads counts.
  let inputs: [LayerState]
}

/// A layer's weight, for a factorization to take apart.
struct FactorSource {
  let tracked: TrackedLayer
  let weight: Weight
  /// What the layer reads on calibration data, where the method asks for it.
  let inputs: LayerInputStatistics?
  /// Whether a bias can take up what the factors lose of the inputs' means.
  let hasBias: Bool
  fileprivate let method: FactorizationMethod
  fileprivate let context: PassContext

  var layer: Layer { tracked.layer }
  /// In the order in which the weight is stored.
  var values: [Float] { weight.withFloats { Array($0) } }
  /// Along axis 0 of the stored order.
  var rows: Int { layer.outputAxis == 0 ? layer.outputs : layer.inputs }
  var columns: Int { layer.parameters / max(rows, 1) }

  /// The full decomposition of the weight, which is kept for other ranks.
  func kept(_ decompose: () throws -> Factorization) throws -> Factorization {
    let key = FactorKey(
      state: tracked.state, method: method,
      inputs: method.code.needsInputs ? context.layers.map(\.state) : [])
    return try context.caches.factors.value(for: key, make: decompose)
  }
}

/// One layer's weight on its way to pieces.
struct LayerFactors {
  struct Piece {
    let weight: Weight
    let state: LayerState
  }

  private let tracked: TrackedLayer
  private let weight: Weight
  private let context: PassContext
  private let hasBias: Bool
  private var layer: Layer { tracked.layer }
  private var settings: LayerSettings { tracked.settings }

  /// - Parameter hasBias: whether a bias can take up what the factors lose of the inputs' means.
  init(_ tracked: TrackedLayer, weight: Weight, hasBias: Bool, context: PassContext) {
    self.tracked = tracked
    self.weight = weight
    self.hasBias = hasBias
    self.context = context
  }

  /// What the layer reads, where the method asks for it.
  func inputs(_ result: inout PassResult) throws -> LayerInputStatistics? {
    guard settings.factorization.code.needsInputs else { return nil }
    if let inputs = try context.inputs(of: tracked), inputs.groups == 1 { return inputs }
    result.remark(
      tracked,
      context.activations == nil
        ? "\(settings.factorization.label) needs calibration data: taken apart by svd"
        : "what it reads cannot be observed: taken apart by svd")
    return nil
  }

  /// - Throws: what decomposing throws, which a share of the energy asks for.
  func plan(_ inputs: LayerInputStatistics?) throws -> LowRankPlan {
    var method = settings.factorization
    if !method.code.applies(to: layer) || (method.code.needsInputs && inputs == nil) { method = .svd }
    let ranks =
      switch settings.rankBy {
      case .ratio: method.code.ranks(ratio: settings.rank, of: layer)
      case .parameters: method.code.ranks(parameters: settings.rank, of: layer)
      case .energy: try method.code.ranks(energy: settings.rank, of: source(method, inputs))
      }
    let residual = method.code.takesResidual ? settings.residual : 0
    return LowRankPlan(
      layer: layer, method: method, ranks: ranks,
      residual: Int((residual * Double(layer.parameters)).rounded()))
  }

  /// The weights of the pieces in the order in which they run, a sparse residual last.
  func pieces(_ plan: LowRankPlan, _ inputs: LayerInputStatistics?) throws -> [Piece] {
    let count = plan.method.code.pieces + (plan.residual > 0 ? 1 : 0)
    let seen = plan.method.code.needsInputs ? context.layers.map(\.state) : []
    let states = (0..<count).map { index in
      tracked.state.after(
        .factor(
          FactorStep(
            method: plan.method, ranks: plan.ranks, residual: plan.residual, index: index,
            isResidual: plan.residual > 0 && index == count - 1, inputs: StatesDigest(seen))))
    }
    let kept = states.compactMap { context.caches.weights[$0] }
    if kept.count == count { return zip(kept, states).map { Piece(weight: $0, state: $1) } }
    if plan.method.note.isHeavy {
      let place = context.layers.firstIndex { $0.layer.name == layer.name } ?? 0
      context.progress?(
        CompressionProgress(
          method: plan.method.label, layer: tracked.origin, index: place, count: context.layers.count))
    }
    let tensors = try plan.method.code.tensors(
      ranks: plan.ranks, residual: plan.residual, of: source(plan.method, inputs))
    for (state, tensor) in zip(states, tensors) { context.caches.weights[state] = .dense(tensor) }
    return zip(tensors, states).map { Piece(weight: .dense($0), state: $1) }
  }

  /// What the pieces compute together, where the layer's bias is to make up for the difference.
  func product(
    of pieces: [Piece], _ plan: LowRankPlan, _ inputs: LayerInputStatistics?
  ) throws -> WeightMatrix? {
    try plan.method.code.product(of: pieces.map(\.weight.tensor), of: source(plan.method, inputs))
  }

  private func source(_ method: FactorizationMethod, _ inputs: LayerInputStatistics?) -> FactorSource {
    FactorSource(
      tracked: tracked, weight: weight, inputs: inputs, hasBias: hasBias, method: method, context: context)
  }
}
