import Recipes

extension LayerSettings {
  /// What is asked for and does nothing, beside what else is asked for: a remark for each such method.
  ///
  /// What only the layer can tell, such as that it has no normalization behind it, is told by the pass that looks for it.
  var idleMethods: [String] {
    var remarks = Setting.allCases.filter { method in
      !method.isKnob && !method.isStandard(in: self) && !isUsed(method)
    }
    .map { "\(name(of: $0)) has no effect as long as \($0.knob.key) is \($0.knob.value(in: self).word)" }
    if self.weightBits != .float32, self.range.weights == nil, self.activationBits == .float32 {
      remarks.append(
        "range \(self.range.label) is one of activations, which stay at 32 bits: weights span all their values"
      )
    }
    if self.prune > 0, self.compensation.biases != nil, !self.pattern.isStructured {
      remarks.append(
        "compensation \(self.compensation.label) makes up for removed channels, and pattern \(self.pattern.label) removes none: "
          + "no effect")
    }
    return remarks
  }

  /// Whether a knob asks for something that a method has a part in. Some methods of the weights' codes serve activations
  /// too, and what makes up for pruned weights by a pass of its own makes up for a lower rank as well.
  private func isUsed(_ method: Setting) -> Bool {
    if !method.knob.isStandard(in: self) { return true }
    if method.knob == .weightBits { return self.activationBits != .float32 }
    return method == Setting(\.compensation) && self.compensation.pass != nil && self.rank < 1
  }

  private func name(of method: Setting) -> String { "\(method.key) \(method.value(in: self).word)" }
}
