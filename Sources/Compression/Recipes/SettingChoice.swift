/// A named choice of a recipe, with what a user is told of it.
package protocol SettingChoice: Hashable, Sendable, CaseIterable {
  /// The name it has in recipes, on the command line and on the screen.
  var label: String { get }
  var note: MethodNote { get }

  /// The choice of that name, present or former.
  init?(label: String)
}

extension SettingChoice where Self: RawRepresentable<String> {
  package var label: String { rawValue }

  package init?(label: String) { self.init(rawValue: label) }
}

/// What there is to say of a method.
package struct MethodNote: Hashable, Sendable {
  /// One sentence on what it does.
  package let effect: String
  /// Such as "calibration data"; nil where it needs nothing.
  package let needs: String?
  /// Paper or specification; nil for what goes without saying.
  package let source: String?
  /// Runs for seconds rather than milliseconds.
  package let isHeavy: Bool

  package init(_ effect: String, needs: String? = nil, source: String? = nil, isHeavy: Bool = false) {
    self.effect = effect
    self.needs = needs
    self.source = source
    self.isHeavy = isHeavy
  }
}

/// A value that a setting can take.
package struct SettingOption: Hashable, Sendable {
  package let label: String
  package let note: MethodNote
}
