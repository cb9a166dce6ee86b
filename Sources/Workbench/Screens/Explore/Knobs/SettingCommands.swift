import Compression
import Recipes

/// What the palette offers on the explore screen besides what keys do.
extension ExploreScreen {
  package func commands(_ state: WorkbenchState) -> [Command] {
    Setting.allCases.map(Self.command) + [Self.scopeCommand, .axis, Self.budgetCommand]
  }

  /// Former names and words are understood as they are in recipes.
  private static func command(_ setting: Setting) -> Command {
    let values = values(of: setting)
    return Command(setting.key, formerNames: setting.formerKeys, argument: values, setting.explanation) {
      text, state in
      var override = LayerOverride()
      var renamings = Renamings()
      guard let value = value(text, of: setting),
        (try? SettingCatalog.standard.set(
          setting, to: value, in: &override, key: setting.key, &renamings)) != nil
      else { return state.refuse("\(setting.key) takes one of \(values)") }
      let recipe = state.recipe.replacing(override.laid(over: state.settings), in: state.scope)
      if recipe == state.recipe { state.notice = Notice("\(setting.key) is \(text) already") }
      return state.visit(recipe)
    }
  }

  private static func values(of setting: Setting) -> String {
    if let options = setting.options { return options.map(\.label).joined(separator: " ") }
    guard let range = setting.range else { return "" }
    let ends = [range.lowerBound, range.upperBound]
    let shares = ends.map { SettingValue.number($0).word }.joined(separator: "-")
    return "\(shares) | " + ends.map { "\(SettingSummary.percent($0))%" }.joined(separator: "-")
  }

  /// Shares are written as on the command line, 0.5 or 50%, or as the screen shows them: 50, which is no share.
  private static func value(_ text: String, of setting: Setting) -> SettingValue? {
    guard let range = setting.range else { return .word(text) }
    guard let number = Double(text), number > range.upperBound else { return SettingValue(text) }
    return SettingValue(text + "%")
  }

  private static let budgetCommand = Command(
    "budget", argument: "POINTS | none",
    "Points of accuracy that may be lost, held against the interval's end"
  ) { text, state in
    if text == "none" {
      state.budget = nil
      return []
    }
    guard let points = Double(text), points >= 0, points <= 100 else {
      return state.refuse("budget takes points of accuracy, such as 1, or none")
    }
    state.budget = points / 100
    return []
  }

  private static let scopeCommand = Command(
    "scope", argument: "model | LAYER", "What the knobs turn: the whole model, or one layer"
  ) { text, state in
    if text == "model" {
      state.scope = .model
      return []
    }
    let known = state.layerNames
    let found = state.subject.layers.filter { $0.name == text || known[$0.name] == text }
    guard let layer = found.first, found.count == 1 else {
      let names = state.subject.layers.prefix(8).map { known[$0.name] ?? $0.name }.joined(separator: ", ")
      return state.refuse("no layer \"\(text)\"; there are \(names)")
    }
    state.scope = .layer(layer.name)
    state[panel: LayersPanel.self].filter = ""
    state[panel: LayersPanel.self].selected = layer.name
    return []
  }
}
