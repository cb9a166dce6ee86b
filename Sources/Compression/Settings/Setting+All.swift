import Recipes

/// The settings of a recipe in the order in which they are written and shown. A setting is declared in a file of its own,
/// or in that of its methods, and stands here in one line.
extension Setting: CaseIterable {
  package static let allCases: [Setting] = [
    Setting(\.prune),
    Setting(\.criterion),
    Setting(\.pattern),
    Setting(\.allocation),
    Setting(\.alignment),
    Setting(\.compensation),
    Setting(\.weightBits),
    Setting(\.granularity),
    Setting(\.symmetry),
    Setting(\.range),
    Setting(\.rounding),
    Setting(\.damping),
    Setting(\.equalization),
    Setting(\.numberFormat),
    Setting(\.bias),
    Setting(\.batchNorm),
    Setting(\.firstLastBits),
    Setting(\.activationBits),
    Setting(\.rank),
    Setting(\.factorization),
    Setting(\.rankBy),
    Setting(\.residual),
  ]

  /// The knobs: what asks for something to be done.
  package static let knobs = allCases.filter(\.isKnob)

  package static let prune = Setting(\.prune)
  package static let weightBits = Setting(\.weightBits)
  package static let activationBits = Setting(\.activationBits)
  package static let rank = Setting(\.rank)

  /// The setting of a key, present or former.
  package init?(key: String) {
    guard let found = SettingCatalog.standard.setting(key) else { return nil }
    self = found
  }

  /// The knob that it is a method of; itself where it is a knob.
  package var knob: Setting { SettingCatalog.standard.knob(of: self) }
}

extension SettingCatalog {
  package static let standard = SettingCatalog(Setting.allCases)
}
