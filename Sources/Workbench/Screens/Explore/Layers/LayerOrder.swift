import Evaluation

/// What the layers are sorted by.
enum LayerOrder: String, CaseIterable, Sendable {
  /// As the model has them.
  case model
  /// Those that suffer most first.
  case hurt
  /// The largest first, as stored.
  case size
  /// The slowest first.
  case time

  var next: LayerOrder {
    switch self {
    case .model: .hurt
    case .hurt: .size
    case .size: .time
    case .time: .model
    }
  }

  /// Those of which nothing is known come last, ties in the model's order.
  func sorted(_ layers: [LayerSummary], _ state: WorkbenchState) -> [LayerSummary] {
    guard self != .model else { return layers }
    let keys = layers.enumerated().map { place, layer in (-(amount(layer, state) ?? -.infinity), place) }
    return keys.sorted { $0 < $1 }.map { layers[$0.1] }
  }

  private func amount(_ layer: LayerSummary, _ state: WorkbenchState) -> Double? {
    switch self {
    case .model: nil
    case .hurt: state.harm(of: layer.name)
    case .size: state.reading(of: layer.name).map { Double($0.size.bytes) } ?? Double(layer.bytes)
    case .time: state.reading(of: layer.name)?.nanoseconds
    }
  }
}
