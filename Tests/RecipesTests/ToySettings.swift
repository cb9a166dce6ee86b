import Recipes

/// A few settings of no meaning, to test what all settings have in common.
extension SettingKeys {
  var amount: TypedSetting<Double> {
    TypedSetting(
      "amount", "How much.", standard: 0, range: 0...1,
      summary: SettingSummary { $0.amount > 0 ? "X" + SettingSummary.percent($0.amount) : nil })
  }

  var paintColour: TypedSetting<Colour> {
    TypedSetting(
      "paint-colour", "Which colour.", of: "amount", standard: .red, formerKeys: ["paint", "ink"],
      formerWords: ["much-blue": ["paint-colour": .word("blue"), "amount": .number(0.75)]])
  }

  var trim: TypedSetting<Colour> {
    TypedSetting(
      "trim", "Which edge.", standard: .red,
      summary: SettingSummary(isAttached: true) { $0.trim == .red ? nil : "T" })
  }
}

enum Colour: String, SettingChoice {
  case red, blue

  static let formerLabels = ["azure": "blue"]

  var note: MethodNote {
    switch self {
    case .red: MethodNote("Red.")
    case .blue: MethodNote("Blue.", needs: .calibrationData, .condition("a brush"))
    }
  }
}

let toys = SettingCatalog([Setting(\.amount), Setting(\.paintColour), Setting(\.trim)])
