/// What there is to say of a method.
package struct MethodNote: Hashable, Sendable {
  /// One sentence on what it does.
  package let effect: String
  /// What it cannot do without; empty where it needs nothing.
  package let needs: [MethodNeed]
  /// Paper or specification; nil for what goes without saying.
  package let source: String?
  /// Runs for seconds rather than milliseconds.
  package let isHeavy: Bool

  package init(_ effect: String, needs: MethodNeed..., source: String? = nil, isHeavy: Bool = false) {
    self.effect = effect
    self.needs = needs
    self.source = source
    self.isHeavy = isHeavy
  }

  /// The needs for a person to read, such as "calibration data"; nil where there are none.
  package var needsText: String? {
    needs.isEmpty ? nil : needs.map(\.text).joined(separator: ", ")
  }
}

/// What a method needs beyond the weights.
package enum MethodNeed: Hashable, Sendable {
  /// Samples that are run through the model.
  case calibrationData
  /// Something of the model or of another setting, in words.
  case condition(String)

  package var text: String {
    switch self {
    case .calibrationData: "calibration data"
    case .condition(let text): text
    }
  }
}
