import GraphIR
import TensorCore

/// What a full decomposition depends on.
struct FactorKey: Hashable, Sendable {
  let state: LayerState
  let method: FactorizationMethod
  /// The states of all layers, where what the layer reads counts.
  let inputs: [LayerState]
}

/// The pieces of one layer's weight.
struct LayerFactors {
  struct Piece {
    let weight: Weight
    let state: LayerState
  }

  private let tracked: TrackedLayer
  private let weight: Weight
  private let context: PassContext
  private var layer: Layer { tracked.layer }
  private var settings: LayerSettings { tracked.settings }

  /// Whether a bias can take up what the factors lose of the inputs' means.
  private let hasBias: Bool

  init(_ tracked: TrackedLayer, weight: Weight, hasBias: Bool, context: PassContext) {
    self.tracked = tracked
    self.weight = weight
    self.hasBias = hasBias
    self.context = context
  }

  /// What the layer reads, where the method asks for it.
  func inputs(_ result: inout PassResult) throws -> LayerInputStatistics? {
    guard settings.factorization == .activationSVD else { return nil }
    if let inputs = try context.inputs(of: tracked), inputs.groups == 1 { return inputs }
    result.remark(
      tracked,
      context.activations == nil
        ? "activation-svd needs calibration data: taken apart by svd"
        : "what it reads cannot be told: taken apart by svd")
    return nil
  }

  /// - Throws: what decomposing throws, which a share of the energy asks for.
  func plan(_ inputs: LayerInputStatistics?) throws -> LowRankPlan {
    var method = settings.factorization
    if !LowRankPlan.applies(method, to: layer) || (method == .activationSVD && inputs == nil) {
      method = .svd
    }
    let full = LowRankPlan.full(layer, method)
    let ranks: [Int]
    switch settings.rankBy {
    case .ratio: ranks = LowRankPlan.ranks(ratio: settings.rank, full)
    case .parameters: ranks = LowRankPlan.ranks(parameters: settings.rank, layer, method)
    case .energy:
      if method == .tucker {
        let found = tuckerWeight.ranks(energy: settings.rank)
        ranks = [found.outputs, found.inputs]
      } else {
        ranks = [try decomposition(method, inputs).rank(energy: settings.rank)]
      }
    }
    let residual = method == .svd || method == .activationSVD ? settings.residual : 0
    return LowRankPlan(
      layer: layer, method: method, ranks: ranks, full: full,
      residual: Int((residual * Double(layer.parameters)).rounded()))
  }

  /// The weights of the pieces in the order in which they run, a sparse residual last.
  func pieces(_ plan: LowRankPlan, _ inputs: LayerInputStatistics?) throws -> [Piece] {
    let count = (plan.method == .tucker ? 3 : 2) + (plan.residual > 0 ? 1 : 0)
    let seen = plan.method == .activationSVD ? context.layers.map(\.state) : []
    let states = (0..<count).map { index in
      tracked.state.after(
        .factor(
          FactorStep(
            method: plan.method, ranks: plan.ranks, residual: plan.residual, index: index,
            isResidual: plan.residual > 0 && index == count - 1, inputs: seen)))
    }
    let kept = states.compactMap { context.caches.weights[$0] }
    if kept.count == count { return zip(kept, states).map { Piece(weight: $0, state: $1) } }
    if plan.method.note.isHeavy {
      let place = context.layers.firstIndex { $0.layer.name == layer.name } ?? 0
      context.progress?(
        CompressionProgress(
          method: plan.method.rawValue, layer: tracked.origin, index: place, count: context.layers.count))
    }
    let tensors = try tensors(plan, inputs)
    for (state, tensor) in zip(states, tensors) { context.caches.weights[state] = .dense(tensor) }
    return zip(tensors, states).map { Piece(weight: .dense($0), state: $1) }
  }

  private func tensors(_ plan: LowRankPlan, _ inputs: LayerInputStatistics?) throws -> [Tensor] {
    switch plan.method {
    case .svd, .activationSVD:
      guard plan.residual > 0 else {
        return try matrices(try decomposition(plan.method, inputs), rank: plan.ranks[0])
      }
      let split = try SparseResidual(count: plan.residual).split(
        storedMatrix, rank: plan.ranks[0], decompose: { try decompose($0, plan.method, inputs) },
        step: Task.checkCancellation)
      return try matrices(split.factors, rank: plan.ranks[0]) + [Tensor(shape: layer.shape, split.residual)]
    case .spatial: return try columnAndRow(try decomposition(.spatial, nil), rank: plan.ranks[0])
    case .tucker:
      guard
        let tucker = try Tucker(
          tuckerWeight, outputRank: plan.ranks[0], inputRank: plan.ranks[1], step: Task.checkCancellation)
      else { throw CompressionError.decompositionFailed(layer: tracked.origin, info: 0) }
      return try cores(tucker)
    }
  }

  /// What svd or activation-svd has made of the layer's weight, put together again.
  func product(of pieces: [Tensor]) throws -> WeightMatrix {
    let (first, second) = (pieces[0], pieces[1])
    let rank = layer.outputAxis == 0 ? first.shape[0] : first.shape[1]
    // Stored order: the left factor is the second piece where outputs come first.
    let (left, right) = layer.outputAxis == 0 ? (second, first) : (first, second)
    var values = DenseAlgebra.product(left.floats, right.floats, rows, rank, columns)
    if pieces.count > 2 { values = zip(values, pieces[2].floats).map { $0 + $1 } }
    return WeightMatrix(.dense(try Tensor(shape: layer.shape, values)), layer: layer)
  }

  // MARK: Decompositions

  /// The stored order: rows along axis 0.
  private var rows: Int { layer.outputAxis == 0 ? layer.outputs : layer.inputs }
  private var columns: Int { layer.parameters / max(rows, 1) }
  private var storedMatrix: [Float] { weight.withFloats { Array($0) } }

  private var tuckerWeight: TuckerWeight {
    TuckerWeight(
      storedMatrix, outputs: layer.outputs, inputs: layer.shape[1],
      window: layer.inputs / max(layer.shape[1], 1))
  }

  private func decomposition(_ method: FactorizationMethod, _ inputs: LayerInputStatistics?) throws
    -> Factorization
  {
    let key = FactorKey(
      state: tracked.state, method: method,
      inputs: method == .activationSVD ? context.layers.map(\.state) : [])
    return try context.caches.factors.value(for: key) { try decompose(storedMatrix, method, inputs) }
  }

  /// Of values in the order of the weight.
  private func decompose(
    _ values: [Float], _ method: FactorizationMethod, _ inputs: LayerInputStatistics?
  ) throws -> Factorization {
    if method == .spatial {
      return try spatialMatrix(values).withUnsafeBufferPointer {
        try Factorization(
          $0, rows: layer.shape[1] * layer.shape[2], columns: layer.outputs * layer.shape[3],
          layer: tracked.origin)
      }
    }
    guard method == .activationSVD, let inputs else {
      return try values.withUnsafeBufferPointer {
        try Factorization($0, rows: rows, columns: columns, layer: tracked.origin)
      }
    }
    let whitening = try InputWhitening(
      InputMoments(inputs, isCentered: hasBias), layer: tracked.origin)
    let byOutput =
      layer.outputAxis == 0
      ? values : values.withUnsafeBufferPointer { Transposition.transposed($0, rows: rows, columns: columns) }
    let found = try whitening.factorization(byOutput, rows: layer.outputs, layer: tracked.origin)
    return layer.outputAxis == 0 ? found : found.transposed
  }

  // MARK: Pieces

  /// Outputs along axis 0: W x = left (right x). Outputs along axis 1: x W = (x left) right.
  private func matrices(_ full: Factorization, rank: Int) throws -> [Tensor] {
    let window = layer.shape.dimensions.dropFirst(2)
    let left = try Tensor(
      shape: Shape(known: [rows, rank] + window.map { _ in 1 }), full.leftFactor(rank: rank))
    let right = try Tensor(
      shape: Shape(known: [rank] + (layer.form == .conv ? layer.shape.dimensions.dropFirst() : [columns])),
      full.rightFactor(rank: rank))
    return layer.outputAxis == 0 ? [right, left] : [left, right]
  }

  /// [channels * height, outputs * width] of [outputs, channels, height, width].
  private func spatialMatrix(_ values: [Float]) -> [Float] {
    let (n, c, h, w) = (layer.shape[0], layer.shape[1], layer.shape[2], layer.shape[3])
    var matrix = [Float](repeating: 0, count: values.count)
    for output in 0..<n {
      for channel in 0..<c {
        for y in 0..<h {
          for x in 0..<w {
            matrix[(channel * h + y) * n * w + output * w + x] =
              values[((output * c + channel) * h + y) * w + x]
          }
        }
      }
    }
    return matrix
  }

  /// [rank, channels, height, 1] and [outputs, rank, 1, width].
  private func columnAndRow(_ full: Factorization, rank: Int) throws -> [Tensor] {
    let (n, c, h, w) = (layer.shape[0], layer.shape[1], layer.shape[2], layer.shape[3])
    let column = full.leftFactor(rank: rank).withUnsafeBufferPointer {
      Transposition.transposed($0, rows: c * h, columns: rank)
    }
    let right = full.rightFactor(rank: rank)
    var row = [Float](repeating: 0, count: n * rank * w)
    for index in 0..<rank {
      for output in 0..<n {
        for x in 0..<w { row[(output * rank + index) * w + x] = right[(index * n + output) * w + x] }
      }
    }
    return [
      try Tensor(shape: Shape(known: [rank, c, h, 1]), column),
      try Tensor(shape: Shape(known: [n, rank, 1, w]), row),
    ]
  }

  /// [inputRank, inputs, 1...], [outputRank, inputRank, window...] and [outputs, outputRank, 1...].
  private func cores(_ tucker: Tucker) throws -> [Tensor] {
    let window = Array(layer.shape.dimensions.dropFirst(2))
    let single = window.map { _ in 1 }
    let first = tucker.inputBasis.withUnsafeBufferPointer {
      Transposition.transposed($0, rows: tucker.inputs, columns: tucker.inputRank)
    }
    return [
      try Tensor(shape: Shape(known: [tucker.inputRank, tucker.inputs] + single), first.map(Float.init)),
      try Tensor(
        shape: Shape(known: [tucker.outputRank, tucker.inputRank] + window), tucker.core.map(Float.init)),
      try Tensor(
        shape: Shape(known: [tucker.outputs, tucker.outputRank] + single), tucker.outputBasis.map(Float.init)),
    ]
  }
}
