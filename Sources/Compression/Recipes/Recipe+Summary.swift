extension Recipe {
  /// A short text for charts and lists, such as "P50 W4A8 R75": what differs from the original, "original" if nothing
  /// does. P is pruning and S structured pruning in percent, W and A bits, R the rank kept in percent. A single layer
  /// with settings of its own is named, as in "fc1:W4"; "+2" counts several.
  package var summary: String {
    var parts = model.summaryParts
    let own = layers.keys.filter { settings(for: $0) != model }
    if own.count == 1, let name = own.first {
      parts.append("\(LayerName.short(name)):\(settings(for: name).summary)")
    } else if own.count > 1 {
      parts.append("+\(own.count)")
    }
    return parts.isEmpty ? "original" : parts.joined(separator: " ")
  }
}

extension LayerSettings {
  package var summary: String { isIdentity ? "original" : summaryParts.joined(separator: " ") }

  fileprivate var summaryParts: [String] {
    var parts: [String] = []
    if prune > 0 { parts.append((pattern.isStructured ? "S" : "P") + LayerSettings.percent(prune)) }
    if weights != .float32 || activations != .float32 {
      parts.append("W\(weights.label)" + (activations == .float32 ? "" : "A\(activations.label)"))
    }
    if rank < 1 { parts.append("R" + LayerSettings.percent(rank)) }
    return parts
  }

  /// At most one decimal: "50", "12.5".
  private static func percent(_ fraction: Double) -> String {
    let tenths = Int((fraction * 1000).rounded())
    return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
  }
}
