import Compression
import Recipes
import TensorCore
import Testing

/// What is asked for and does nothing is said, of every method.
@Suite struct IdleMethodTests {
  private func remarks(_ settings: LayerSettings) throws -> [String] {
    let model = smallConvNet()
    let compressed = try Compressor(model: model).compress(Recipe(model: settings))
    return compressed.layers[1].remarks
  }

  /// A method of a knob that asks for nothing.
  @Test(arguments: Setting.allCases.filter { !$0.isKnob })
  func aMethodOfAnIdleKnobIsNamed(method: Setting) throws {
    let value =
      method.options.flatMap { options in options.map { SettingValue.word($0.label) }.last }
      ?? .number(method.range?.upperBound ?? 0)
    // Batch normalizations make up for a lower rank too.
    if method == Setting(\.compensation) { return }
    // Another knob is turned, so that there is something to look at.
    var settings = LayerSettings()
    if method.knob == .rank { settings.prune = 0.5 } else { settings.rank = 0.5 }
    try method.set(value, in: &settings)
    guard !method.isStandard(in: settings) else { return }
    let found = try remarks(settings).filter { $0.hasPrefix("\(method.key) ") }
    #expect(
      found == [
        "\(method.key) \(method.value(in: settings).word) has no effect as long as \(method.knob.key) is "
          + method.knob.value(in: settings).word
      ])
    try method.set(method.standard, in: &settings)
    #expect(try !remarks(settings).contains { $0.contains("has no effect as long as") })
  }

  @Test func rangesOfActivationsNeedActivations() throws {
    let settings = LayerSettings().with(\.weightBits, .quantized(.int8)).with(\.range, .movingAverage)
    #expect(
      try remarks(settings) == [
        "range moving-average is one of activations, which stay at 32 bits: weights span all their values"
      ])
    #expect(try remarks(settings.with(\.range, .percentile)).allSatisfy { !$0.contains("of activations") })
  }

  @Test func meansMakeUpForChannelsOnly() throws {
    let settings = LayerSettings().with(\.prune, 0.5).with(\.compensation, .mean)
    #expect(
      try remarks(settings) == [
        "compensation mean makes up for removed channels, and pattern weights removes none: no effect"
      ])
    #expect(try !remarks(settings.with(\.pattern, .channels)).contains { $0.contains("removes none") })
  }

  @Test func foldingNeedsANormalization() throws {
    let settings = LayerSettings().with(\.weightBits, .quantized(.int8)).with(\.batchNorm, .folded)
    #expect(
      try remarks(settings) == [
        "no batch normalization that could be folded stands right behind it: no effect"
      ])
  }

  /// The pattern says how much goes.
  @Test func aPatternThatPrunesMoreThanAskedSaysSo() throws {
    let settings = LayerSettings().with(\.prune, 0.5).with(\.pattern, .one4)
    #expect(try remarks(settings) == ["1:4 removes 75 % whatever the ratio"])
  }
}
