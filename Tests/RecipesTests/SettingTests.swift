import Recipes
import Testing

@Suite struct SettingTests {
  @Test func aSettingIsReadAndWrittenByItsName() {
    var settings = LayerSettings()
    #expect(settings.amount == 0 && settings.paintColour == .red)
    settings.amount = 0.5
    settings.paintColour = .blue
    #expect(settings.amount == 0.5 && settings.paintColour == .blue)
    #expect(settings == LayerSettings().with(\.paintColour, .blue).with(\.amount, 0.5))
    settings.amount = 0
    settings.paintColour = .red
    #expect(settings == LayerSettings())
  }

  @Test func theListKnowsWhatEachTakes() {
    let (amount, colour) = (Setting(\.amount), Setting(\.paintColour))
    #expect(amount.range == 0...1 && amount.options == nil && amount.standard == .number(0))
    #expect(colour.range == nil && colour.options?.map(\.label) == ["red", "blue"])
    #expect(colour.title == "paint colour")
    #expect(amount.isKnob && !colour.isKnob && colour.belongs(to: amount))
    #expect(toys.knob(of: colour) == amount && toys.knob(of: amount) == amount)
    #expect(colour.options?[1].note.needsText == "calibration data, a brush")
    #expect(colour.options?[0].note.needsText == nil)
  }

  @Test func writtenValuesAreChecked() throws {
    var settings = LayerSettings()
    try Setting(\.amount).set(.number(0.25), in: &settings)
    try Setting(\.paintColour).set(.word("azure"), in: &settings)
    #expect(settings.amount == 0.25 && settings.paintColour == .blue)
    #expect(Setting(\.paintColour).value(in: settings) == .word("blue"))
    #expect(throws: RecipeError.outOfRange(key: "amount", found: "2.0", allowed: "from 0.0 to 1.0")) {
      try Setting(\.amount).set(.number(2), in: &settings)
    }
    #expect(throws: RecipeError.wrongType(key: "here", found: "text (\"much\")", expected: "number")) {
      try Setting(\.amount).set(.word("much"), in: &settings, key: "here")
    }
    #expect(throws: RecipeError.unknownValue(key: "trim", found: "pink", allowed: ["red", "blue"])) {
      try Setting(\.trim).set(.word("pink"), in: &settings)
    }
    settings.amount = 3
    #expect(throws: RecipeError.outOfRange(key: "a: amount", found: "3.0", allowed: "from 0.0 to 1.0")) {
      try toys.validate(
        Recipe(layers: ["a": LayerOverride(settings, over: LayerSettings())]), layers: ["a"])
    }
  }

  @Test func anOverrideSaysOnlyWhatDiffers() {
    let model = LayerSettings().with(\.amount, 0.5)
    var override = LayerOverride()
    override.paintColour = .blue
    #expect(override.amount == nil && override.named == ["paint-colour"])
    #expect(override.laid(over: model) == model.with(\.paintColour, .blue))
    override.amount = 0
    #expect(override.laid(over: model).amount == 0)
    #expect(LayerOverride(LayerSettings(), over: model).amount == 0)
    override.paintColour = nil
    #expect(override.named == ["amount"])
    #expect(LayerOverride(model, over: model).isEmpty)
  }

  @Test func summariesFollowTheList() {
    #expect(toys.summary(of: LayerSettings()) == "original")
    #expect(toys.summary(of: LayerSettings().with(\.amount, 0.125).with(\.trim, .blue)) == "X12.5T")
    // A word that two settings know says which is meant; methods of a knob that asks for nothing do not show.
    let painted = LayerSettings().with(\.paintColour, .blue)
    #expect(toys.summary(of: painted) == "original")
    #expect(toys.summary(of: painted.with(\.amount, 0.5).with(\.trim, .blue)) == "X50T paint-colour blue")
  }
}
