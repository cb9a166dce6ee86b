/// Words that stood for a criterion, a pattern and an allocation at once in older recipes.
enum FormerPruning {
  private static func meaning(_ word: String) -> (PruningPattern, PruningAllocation)? {
    switch word {
    case "magnitude-global": (.weights, .global)
    case "magnitude-per-layer": (.weights, .uniform)
    case "structured-l2": (.channels, .uniform)
    default: nil
    }
  }

  /// False, with nothing changed, where the word is none of them.
  static func write(_ value: SettingValue, _ settings: inout LayerSettings) -> Bool {
    guard let (pattern, allocation) = meaning(value.word) else { return false }
    settings.pruning = .magnitude
    settings.pattern = pattern
    settings.allocation = allocation
    return true
  }

  /// What a setting's written value names beside the setting itself.
  static func alsoNamed(by setting: Setting, _ value: SettingValue) -> [Setting] {
    setting == .pruning && meaning(value.word) != nil ? [.pattern, .allocation] : []
  }
}
